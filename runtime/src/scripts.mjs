/** The packages that functions may require, as scripts from the build; each is compiled once, at its first use. */
import { readFileSync } from 'node:fs';
import vm from 'node:vm';

const DIST = new URL('../dist/', import.meta.url);
const NAMES = new Set(['buffer', 'zod', 'soap', 'unzipper', 'botbuilder']);
const compiled = new Map();

/**
 * @param {string} name
 * @returns {vm.Script} its value is a function `(module, exports, require, native)`
 */
export function script(name) {
  if (!NAMES.has(name)) throw new Error(`There is no package ${name}`);
  if (!compiled.has(name)) {
    const text = readFileSync(new URL(`${name}.js`, DIST), 'utf8');
    compiled.set(name, new vm.Script(`(function (module, exports, require, native) {${text}\n})`, { filename: `millrace:${name}` }));
  }
  return compiled.get(name);
}
