/**
 * What functions may use beside their own code. Buffer, URL, crypto, zod and streams live in a realm of their own, shared by
 * all executions of this worker and frozen: no way leads from them to the worker's objects, and nothing can be left behind in
 * them. soap, botbuilder and unzipper need Node's modules and are loaded by Node's loader, only when asked for.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import vm from 'node:vm';
import { natives } from './natives.mjs';

const require = createRequire(import.meta.url);
const GUEST = new URL('./guest/', import.meta.url);
const INSTANCES = new URL('./prelude/12-instanceof.js', import.meta.url);
const HARDEN = new URL('./harden.js', import.meta.url);
const context = vm.createContext(vm.constants.DONT_CONTEXTIFY, { codeGeneration: { strings: false, wasm: false } });

/** Loads dependency-free CommonJS packages into the shared realm. */
function loader() {
  const modules = new Map();
  const load = (file) => {
    const known = modules.get(file);
    if (known) return known.exports;
    const run = new vm.Script(`(function (module, exports, require) {${readFileSync(file, 'utf8')}\n})`, { filename: file }).runInContext(context);
    const module = vm.runInContext('({ exports: {} })', context);
    modules.set(file, module);
    const from = createRequire(file);
    run(module, module.exports, (name) => load(name.startsWith('.') ? path.resolve(path.dirname(file), name) : from.resolve(name)));
    return module.exports;
  };
  return load;
}

function build() {
  const load = loader();
  new vm.Script(readFileSync(INSTANCES, 'utf8'), { filename: 'millrace:instanceof' }).runInContext(context)();
  const lib = vm.runInContext('({ modules: {} })', context);
  // A trailing slash finds the npm package of a name that Node has a module for.
  lib.load = (name) => load(require.resolve(name === 'buffer' ? 'buffer/' : name));
  for (const name of readdirSync(GUEST).filter((file) => file.endsWith('.js')).sort()) {
    new vm.Script(readFileSync(new URL(name, GUEST), 'utf8'), { filename: `millrace:${name}` }).runInContext(context)(lib, natives);
  }
  delete lib.load;
  new vm.Script(readFileSync(HARDEN, 'utf8'), { filename: 'millrace:harden.js' }).runInContext(context)(
    [vm.runInContext('globalThis', context), lib, lib.streamOf(lib.Buffer.alloc(0))], [lib.Buffer], false,
  );
  return lib;
}

/** Buffer, URL, URLSearchParams, `streamOf(bytes)`, `received(length, bytes)`, `bytesOf(view)`: all of the shared realm. */
export const shared = build();

const packages = new Map();

/**
 * @param {string} name a name of the list in prelude/90-globals.js, without `node:`
 * @returns {unknown}
 */
export function library(name) {
  if (Object.hasOwn(shared.modules, name)) return shared.modules[name];
  if (!packages.has(name)) packages.set(name, require(name));
  return packages.get(name);
}
