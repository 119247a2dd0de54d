/** Creates the realms in which functions run: a new context per execution, with the platform's code and the module. */
import { readFileSync, readdirSync } from 'node:fs';
import vm from 'node:vm';
import { IMPORT, refuseImports, withoutImports } from './imports.mjs';
import { NAMESPACE, withNamespaces } from './namespaces.mjs';
import { script } from './scripts.mjs';

const SOURCES = new URL('./realm/', import.meta.url);

/** Files that most executions do not need, by the properties that others use of them: they run at the first use of a property. */
const LATER = {
  '82-buffer.js': ['Buffer', 'asBuffer', 'bufferText'],
  '84-url.js': ['URL', 'URLSearchParams', 'urlModule'],
  '86-crypto.js': ['cryptoModule', 'cryptoFailure', 'cryptoArguments', 'cryptoBytes', 'writable'],
  '87-hash.js': ['addHashes'],
  '88-stream.js': ['streamOf'],
};

/** The files of realm/ as one script: the first one creates the captures, each further one adds its part. */
function platform() {
  const names = readdirSync(SOURCES).filter((name) => name.endsWith('.js')).sort();
  const textOf = (name) => readFileSync(new URL(name, SOURCES), 'utf8').replace(/^(?:\/\/.*\n)+/, '').trim();
  const parts = names.slice(1).map((name) => (name in LATER
    ? `kit.later(${JSON.stringify(LATER[name])}, () => (${textOf(name)})(kit, host, $));`
    : `(${textOf(name)})(kit, host, $);`));
  const text = `(function (host) { 'use strict'; const $ = (${textOf(names[0])})(); const kit = { __proto__: null };\n${parts.join('\n')}\nreturn kit; })`;
  return new vm.Script(text, { filename: 'millrace:platform' });
}

const platformScript = platform();
const drainScript = new vm.Script('', { filename: 'millrace:drain' });
const PARAMETERS = ['module', 'exports', 'require', IMPORT, NAMESPACE];
const WRAPPER = `(function (${PARAMETERS.join(', ')}) {`;
const MAP = '\n//# sourceMappingURL=data:';

export class Realm {
  #context = vm.createContext(vm.constants.DONT_CONTEXTIFY, { codeGeneration: { strings: false, wasm: false }, microtaskMode: 'afterEvaluate' });
  /** The platform's object inside the realm, which functions never get. */
  kit;

  /**
   * @param {object} host functions that the platform's code in the realm calls; arguments and results are texts, numbers and plain bytes
   */
  constructor(host) {
    this.kit = platformScript.runInContext(this.#context)({ __proto__: null, ...host, script: (name) => script(name).runInContext(this.#context) });
  }

  /** The wrapper function of a bundle, not called yet. */
  load(bundle) {
    return bundle.runInContext(this.#context);
  }

  /**
   * Runs the realm's waiting tasks: all code of a function runs here. A SIGINT ends the code that is running.
   * @throws {Error} with code `ERR_SCRIPT_EXECUTION_INTERRUPTED`
   */
  drain() {
    drainScript.runInContext(this.#context, { breakOnSigint: true });
  }
}

/**
 * Compiles a bundle. The text must be a valid function body by itself, so that it cannot close the wrapper function around it. The wrapper
 * is on the first line and is not counted, so positions are those of the bundle. The source map, most of the text, is removed first;
 * `Positions` reads it.
 * @param {string} code
 * @param {string} file the file name in stack traces
 * @throws {SyntaxError}
 */
export function compile(code, file) {
  const text = withNamespaces(withoutImports(withoutMap(code)));
  const check = (body) => void vm.compileFunction(body, PARAMETERS, { filename: file });
  check(text);
  refuseImports(text, check);
  return new vm.Script(`${WRAPPER}${text}\n})`, { filename: file, columnOffset: -WRAPPER.length });
}

function withoutMap(code) {
  const start = code.lastIndexOf(MAP);
  if (start < 0) return code;
  const end = code.indexOf('\n', start + 1);
  return end < 0 || code.slice(end).trim() === '' ? code.slice(0, start + 1) : code;
}
