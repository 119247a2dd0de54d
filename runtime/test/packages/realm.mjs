/** A realm like the one functions run in, as far as the bundled packages need it, with Node's crypto and zlib behind small adapters. */
import crypto from 'node:crypto';
import url from 'node:url';
import vm from 'node:vm';
import zlib from 'node:zlib';
import { build } from 'esbuild';
import { ROOT } from '../../src/node.mjs';
import { packageText } from '../../build/packages.mjs';

const WRAPPER = ['(function (module, exports, require, native) {', '\n})'];

async function bufferScript() {
  const { outputFiles } = await build({
    stdin: { contents: "export { Buffer } from 'buffer/';", resolveDir: ROOT }, bundle: true, format: 'iife', globalName: 'bytes', write: false,
  });
  return new vm.Script(`${outputFiles[0].text}\nbytes.Buffer`);
}

const newBuffer = await bufferScript();
const scripts = new Map();

/** The compiled wrapper of a package: compiled once, evaluated in any number of contexts. */
export async function scriptOf(name) {
  if (!scripts.has(name)) scripts.set(name, new vm.Script(WRAPPER.join(await packageText(name)), { filename: `millrace:${name}` }));
  return scripts.get(name);
}

/** Node's objects by number; the realm never gets one. */
function host() {
  const objects = new Map();
  let last = 0;
  return {
    make(method, ...args) {
      objects.set(++last, crypto[method](...args));
      return last;
    },
    call: (number, method, ...args) => {
      const result = objects.get(number)[method](...args);
      return result === objects.get(number) ? undefined : result;
    },
    crypto: (method, ...args) => crypto[method](...args),
    zlib: (kind, bytes) => zlib[`${kind}Sync`](bytes),
    url: (text, base) => JSON.stringify(Object.fromEntries(PARTS.map((part) => [part, new URL(text, base)[part]]))),
    legacyUrl: (text) => JSON.stringify(url.parse(text)),
    setTimeout: (callback, delay) => void setTimeout(callback, delay),
  };
}

const PARTS = ['href', 'origin', 'protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname', 'search', 'hash'];

/** Runs in the realm: makes its globals, `require` and `native` of the host's functions. */
const GLOBALS = new vm.Script(`(function (host, Buffer) {
  'use strict';
  const guarded = (call) => (...args) => {
    let failure;
    try {
      const result = call(...args);
      return typeof result === 'object' && result !== null ? Buffer.from(new Uint8Array(result)) : result;
    } catch (error) {
      failure = [String(error.message), String(error.code)];
    }
    throw Object.assign(new Error(failure[0]), { code: failure[1] });
  };
  const make = guarded(host.make), call = guarded(host.call), plain = guarded(host.crypto), startTimer = guarded(host.setTimeout);
  const inflate = guarded(host.zlib), parseUrl = guarded(host.url), legacyUrl = guarded(host.legacyUrl);
  const maker = (method, ...methods) => (...args) => {
    const number = make(method, ...args);
    const object = {};
    for (const name of methods) object[name] = (...rest) => call(number, name, ...rest) ?? object;
    return object;
  };
  const crypto = {
    createHash: maker('createHash', 'update', 'digest'),
    createHmac: maker('createHmac', 'update', 'digest'),
    createSign: maker('createSign', 'update', 'sign'),
    createVerify: maker('createVerify', 'update', 'verify'),
    randomBytes: (size) => plain('randomBytes', size),
    randomUUID: () => plain('randomUUID'),
    randomFillSync: (view) => (view.set(plain('randomBytes', view.length)), view),
    timingSafeEqual: (a, b) => plain('timingSafeEqual', a, b),
  };
  class URLSearchParams {
    constructor(text = '') {
      this.text = String(text);
    }
    toString() {
      return this.text;
    }
  }
  class URL {
    constructor(text, base) {
      Object.assign(this, JSON.parse(parseUrl(String(text), base === undefined ? undefined : String(base))));
      this.searchParams = new URLSearchParams(this.search);
    }
    toString() {
      return this.href;
    }
  }
  const silent = () => undefined;
  const define = (name, value) => Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
  define('Buffer', Buffer);
  define('URL', URL);
  define('URLSearchParams', URLSearchParams);
  define('console', Object.fromEntries(['debug', 'error', 'info', 'log', 'trace', 'warn'].map((name) => [name, silent])));
  define('setTimeout', (callback, delay, ...args) => {
    startTimer(() => callback(...args), Number(delay) || 0);
    return {};
  });
  delete globalThis.WebAssembly;
  const { constructor } = Error.prototype;
  Object.defineProperty(globalThis, 'Error', { get: () => constructor, set: silent, configurable: false });
  Object.defineProperty(constructor, 'prepareStackTrace', { get: silent, set: silent, configurable: false });
  const modules = {
    buffer: { Buffer },
    crypto,
    url: { URL, URLSearchParams, parse: (text) => JSON.parse(legacyUrl(text)), resolve: (from, to) => new URL(to, from).href },
  };
  return {
    native: Object.freeze(Object.assign(Object.create(null), { zlib: (kind, bytes) => inflate(kind, bytes) })),
    require(name) {
      if (!Object.hasOwn(modules, name)) throw new Error("Module '" + name + "' is not allowed");
      return modules[name];
    },
  };
})`);

/** @returns {{evaluate: (script: vm.Script) => object, run: (text: string) => unknown}} */
export function newRealm() {
  const context = vm.createContext(vm.constants.DONT_CONTEXTIFY, { codeGeneration: { strings: false, wasm: false } });
  const kit = GLOBALS.runInContext(context)(host(), newBuffer.runInContext(context));
  const run = (text) => vm.runInContext(text, context);
  run('Object.setPrototypeOf(globalThis, null)');
  const evaluate = (script) => {
    const module = run('({ exports: {} })');
    script.runInContext(context)(module, module.exports, kit.require, kit.native);
    return module.exports;
  };
  return { evaluate, run };
}

/** @param {string} name of a package */
export async function load(name) {
  const script = await scriptOf(name);
  const { evaluate, run } = newRealm();
  return { lib: evaluate(script), run };
}
