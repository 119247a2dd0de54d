/**
 * The packages a function may require. zod lives in a realm of its own, so that schemas do not hand the worker's own
 * objects to function code; the others need Node's modules and are loaded, only when asked for, by Node's loader.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import vm from 'node:vm';

const require = createRequire(import.meta.url);
const INSTANCES = new URL('./prelude/12-instanceof.js', import.meta.url);

/** Loads one dependency-free CommonJS package into a realm of its own. */
class Realm {
  #context = vm.createContext(vm.constants.DONT_CONTEXTIFY, { codeGeneration: { strings: false, wasm: false } });
  #modules = new Map();

  constructor() {
    new vm.Script(readFileSync(INSTANCES, 'utf8'), { filename: 'millrace:instanceof' }).runInContext(this.#context)();
  }

  load(file) {
    const known = this.#modules.get(file);
    if (known) return known.exports;
    const wrapped = `(function (module, exports, require) {${readFileSync(file, 'utf8')}\n})`;
    const run = new vm.Script(wrapped, { filename: file }).runInContext(this.#context);
    const module = vm.runInContext('({ exports: {} })', this.#context);
    this.#modules.set(file, module);
    run(module, module.exports, (name) => this.load(path.resolve(path.dirname(file), name)));
    return module.exports;
  }
}

const zodRealm = new Realm();
const packages = new Map();

const loaders = {
  zod: () => zodRealm.load(require.resolve('zod')),
  crypto: () => require('node:crypto'),
  url: () => require('node:url'),
  soap: () => require('soap'),
  botbuilder: () => require('botbuilder'),
  unzipper: () => require('unzipper'),
};

/**
 * @param {string} name a name of the list above, without `node:`
 * @returns {unknown}
 */
export function library(name) {
  if (!packages.has(name)) packages.set(name, loaders[name]());
  return packages.get(name);
}
