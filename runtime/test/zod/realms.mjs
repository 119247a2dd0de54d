/** The package in this realm, and its build in a realm like those of functions. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import vm from 'node:vm';
import { zodText } from '../../build/zod.mjs';

const parts = ['random.js', 'leaves.js', 'composites.js', 'outcomes.js', 'cases.js']
  .map((name) => new vm.Script(readFileSync(new URL(name, import.meta.url), 'utf8'), { filename: name }));

export const original = createRequire(import.meta.url)('zod');

const script = new vm.Script(`(function (module, exports, require) {${await zodText()}\n})`, { filename: 'zod.js' });

/** A realm without the values of Node, in which no code can be made from strings. */
export function newRealm() {
  const context = vm.createContext(vm.constants.DONT_CONTEXTIFY, { codeGeneration: { strings: false, wasm: false } });
  const module = vm.runInContext('({ exports: {} })', context);
  script.runInContext(context)(module, module.exports, (name) => {
    if (name === 'url') return { URL };
    throw new Error(`zod requires ${name}`);
  });
  return { context, module, z: module.exports, run: (code) => vm.runInContext(code, context) };
}

/** The functions of the files here, for a realm and its zod. */
export function kitOf(z, context) {
  const kit = context ? vm.runInContext('({})', context) : {};
  kit.z = z;
  for (const part of parts) (context ? part.runInContext(context) : part.runInThisContext())(kit);
  return kit;
}
