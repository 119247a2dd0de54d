/** Makes the contexts in which functions run: one fresh realm per execution, with the prelude and the module in it. */
import { randomBytes } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import vm from 'node:vm';
import { library, shared } from './library.mjs';
import { IMPORT, withoutImports } from './imports.mjs';
import { NAMESPACE, withNamespaces } from './namespaces.mjs';

const PRELUDE = new URL('./prelude/', import.meta.url);
const prelude = readdirSync(PRELUDE)
  .filter((name) => name.endsWith('.js'))
  .sort()
  .map((name) => new vm.Script(readFileSync(new URL(name, PRELUDE), 'utf8'), { filename: `millrace:${name}` }));
const newKit = new vm.Script('({})');
const WRAPPER = `(function (module, exports, require, ${IMPORT}, ${NAMESPACE}) {`;

/**
 * A realm and the way into it. `port` is what the prelude may ask: `call`, `notify`, `aborted`, `startTimer`, `place`; and the limit
 * of bodies.
 * @param {{call: Function, notify: Function, aborted: Function, startTimer: Function, place: Function, mostBody: number,
 *   bodyTooLarge: string}} port
 * @returns {object} the prelude's kit, an object of the new realm
 */
export function newRealm(port) {
  const context = vm.createContext(vm.constants.DONT_CONTEXTIFY, { codeGeneration: { strings: false, wasm: false } });
  const host = {
    ...port,
    library,
    shared,
    randomHex: () => randomBytes(16).toString('hex'),
  };
  const kit = newKit.runInContext(context);
  for (const part of prelude) part.runInContext(context)(kit, host);
  return { kit, context };
}

/**
 * Compiles a bundle. The wrapper stays on the first line and is not counted, so that places are those of the bundle;
 * the source map, most of the text, is left out: `Positions` reads it.
 * @param {string} code
 * @param {string} file the name stack traces show
 */
export function compile(code, file) {
  const text = withNamespaces(withoutImports(code.replace(/\n\/\/# sourceMappingURL=data:[^\n]*\s*$/, '\n')));
  return new vm.Script(`${WRAPPER}${text}\n})`, { filename: file, columnOffset: -WRAPPER.length });
}
