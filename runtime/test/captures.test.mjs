import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Worker, action, sync } from './link.mjs';

/**
 * Runs first in a function: replaces every method and accessor that can be found from the intrinsics by one that counts, and puts
 * accessors on Object.prototype and Array.prototype under every name that the platform might read or assign. `calm(work)` runs
 * work with the traps counting, and answers what they saw.
 */
const TRAPS = `
  const seen = [];
  let armed = false;
  const { apply, ownKeys, getOwnPropertyDescriptor, defineProperty, getPrototypeOf } = Reflect;
  const push = (text) => { defineProperty(seen, seen.length, { __proto__: null, value: text, writable: true, enumerable: true, configurable: true }); };
  const note = (name) => { if (armed) { armed = false; push(name + ' ' + (new Error('x').stack.split('\\n')[2] ?? '')); armed = true; } };
  const split = String.prototype.split;
  const join = Array.prototype.join;
  const intrinsics = { Object, Function, Array, Number, String, Symbol, BigInt, Boolean, Date, Promise, RegExp, Error, TypeError, RangeError, Map, Set, WeakMap, WeakSet, WeakRef, ArrayBuffer, SharedArrayBuffer, DataView,
    Uint8Array, TypedArray: getPrototypeOf(Uint8Array), JSON, Math, Reflect, Proxy, Iterator, Intl, Atomics,
    ArrayIterator: { prototype: getPrototypeOf([][Symbol.iterator]()) }, Generator: { prototype: getPrototypeOf(function* () {}.prototype) }, AsyncGenerator: { prototype: getPrototypeOf(async function* () {}.prototype) },
    StringIterator: { prototype: getPrototypeOf(''[Symbol.iterator]()) }, RegExpIterator: { prototype: getPrototypeOf('a'.matchAll(/a/g)) } };
  const trap = (name, owner, key) => {
    const descriptor = getOwnPropertyDescriptor(owner, key);
    if (!descriptor.configurable) return;
    const label = name + '.' + String(key);
    if (typeof descriptor.value === 'function' && key !== 'constructor') {
      const real = descriptor.value;
      defineProperty(owner, key, { __proto__: null, ...descriptor, value: function (...args) { note(label); return new.target ? Reflect.construct(real, args, new.target) : apply(real, this, args); } });
    } else if ('value' in descriptor && (key === 'constructor' || typeof descriptor.value === 'object')) {
      const { value } = descriptor;
      defineProperty(owner, key, { __proto__: null, get() { note(label); return value; }, set(v) { note('set ' + label); defineProperty(this, key, { __proto__: null, value: v, writable: true, enumerable: true, configurable: true }); }, configurable: true, enumerable: descriptor.enumerable });
    } else if (descriptor.get) {
      defineProperty(owner, key, { __proto__: null, ...descriptor, get() { note('get ' + label); return apply(descriptor.get, this, []); } });
    }
  };
  const NAMES = ['then', 'toJSON', 'head', 'body', 'text', 'bytes', 'failure', 'aborted', 'sdk', 'response', 'code', 'name', 'message', 'payload', 'status', 'statusText', 'headers', 'url', 'data', 'config', 'request', 'default', 'exports', 'exec', 'loadError', 'module', 'run', 'nango',
    'paginate', 'loggerLevel', 'input', 'type', 'wants', 'last', 'kit', 'host', 'call', 'value', 'done', 'get', 'set', 'writable', 'enumerable', 'configurable', 'level', 'ok', 'deletedKeys', 'next_cursor', 'records', 'model', 'ids', 'cursor', 'limit', 'key', 'size', 'at', 'entry',
    'outer', 'error', 'result', 'node', 'plain', 'zod', 'crypto', 'namespaces', 'endpoint', 'method', 'params', 'bodyKind', 'retries', 'shown', 'page', 'isLast', 'settings', 'inBody', 'listener', 'once', '0', '1', '2', '3', 'length', 'attributes', 'variant', 'lastSyncDate', 'logger', 'metadataSchema', 'warnedOfMetadata', 'redirected', 'opts', 'issues', 'path', 'metadata'];
  function arm() {
    for (const name of Object.keys(intrinsics)) {
      const owner = intrinsics[name];
      for (const key of ownKeys(owner)) if (key !== 'prototype' && name !== 'Reflect') trap(name, owner, key);
      if (owner.prototype && typeof owner.prototype === 'object') for (const key of ownKeys(owner.prototype)) trap(name + '.prototype', owner.prototype, key);
    }
    const own = Object.hasOwn;
    for (const name of NAMES) for (const [label, proto] of [['Object.prototype', Object.prototype], ['Array.prototype', Array.prototype], ['Promise.prototype', Promise.prototype], ['Function.prototype', Function.prototype]]) {
      if (getOwnPropertyDescriptor(proto, name) || (label === 'Function.prototype' && ['length', 'name'].includes(name))) continue;
      defineProperty(proto, name, { __proto__: null, get() { note('get ' + label + '.' + name); return undefined; }, set(v) { note('set ' + label + '.' + name); defineProperty(this, name, { __proto__: null, value: v, writable: true, enumerable: true, configurable: true }); }, configurable: true });
    }
  }
`;

/** Calls of the SDK; each prepares its arguments and gives a promise or a value. Values of the function's own are as plain as can be. */
const CALLS = {
  log: 'nango.log("text")',
  'log with meta': 'nango.log("text", bare({ a: 1 }), bare({ level: "warn" }))',
  get: 'nango.get(bare({ endpoint: "/x", headers: bare({ A: "b" }), params: bare({ q: 1 }), retries: 2 }))',
  post: 'nango.post(bare({ endpoint: "/x", data: bare({ a: 1 }) }))',
  'post of a form': 'nango.post(bare({ endpoint: "/x", headers: bare({ "content-type": "application/x-www-form-urlencoded" }), data: bare({ a: bare({ b: 1 }) }) }))',
  'post of parts': 'nango.post(bare({ endpoint: "/x", headers: bare({ "content-type": "multipart/form-data" }), data: bare({ a: "b" }) }))',
  'post of bytes': 'nango.post(bare({ endpoint: "/x", data: bytes }))',
  getToken: 'nango.getToken()',
  getConnection: 'nango.getConnection()',
  getMetadata: 'nango.getMetadata()',
  setMetadata: 'nango.setMetadata(bare({ a: 1 }))',
  getIntegration: 'nango.getIntegration()',
  getEnvironmentVariables: 'nango.getEnvironmentVariables()',
  triggerAction: 'nango.triggerAction("a", "b", "c", bare({ d: 1 }))',
  triggerSync: 'nango.triggerSync("a", "b", "c")',
  getCheckpoint: 'nango.getCheckpoint()',
  saveCheckpoint: 'nango.saveCheckpoint(bare({ a: 1 }))',
  tryAcquireLock: 'nango.tryAcquireLock(bare({ key: "a", ttlMs: 5 }))',
  releaseAllLocks: 'nango.releaseAllLocks()',
  uncontrolledFetch: 'nango.uncontrolledFetch(bare({ url: "https://a.example", headers: bare({}) }))',
  batchSave: 'nango.batchSave([bare({ id: "1" })], "Model")',
  getRecordsByIds: 'nango.getRecordsByIds(["1"], "Model")',
  listRecords: 'listing.next()',
  paginate: 'paging.next()',
  trackDeletesEnd: 'nango.trackDeletesEnd("Model")',
  setMergingStrategy: 'nango.setMergingStrategy(bare({ strategy: "override" }), "Model")',
  'require of a refused module': '(() => { try { return require("fs"); } catch { return 1; } })()',
  setTimeout: 'new P((resolve) => setTimeout(resolve, 1))',
  'a sound that is not there': 'nango.getFlowAttributes()',
};

const host = (head) => ({
  head: { status: 200, statusText: 'OK', headers: { a: 'b' }, ok: true, deletedKeys: ['1'] },
  body: Buffer.from(head.m === 'records.get' ? '[{"id":"1"}]' : head.m === 'http' ? '[1,2]' : '{"metadata":{},"records":[{"id":"1"}]}'),
});

/** What the language itself looks up: `then` of what a promise is resolved with, `constructor` of a promise that a function awaits. */
const OF_THE_LANGUAGE = /^(?:get (?:Object|Array)\.prototype\.then|Promise\.prototype\.constructor|AsyncGenerator\.prototype\.next) /;
/** How often it does so where a function awaits one promise, and the platform awaits the function. */
const PROMISES = 2;

describe('a function that has replaced every built-in', () => {
  let worker;
  before(async () => { worker = await Worker.start(); });
  after(() => worker.stop());

  for (const [name, call] of Object.entries(CALLS)) {
    it(`sees nothing of the platform: ${name}`, async () => {
      const body = `${TRAPS}
        const { setPrototypeOf } = Object;
        const bare = (value) => setPrototypeOf(value, null);
        const bytes = new Uint8Array(3), P = Promise;
        const paging = nango.paginate(bare({ endpoint: '/', paginate: bare({ type: 'offset', offset_name_in_request: 'o', limit: 5 }) }));
        const listing = nango.listRecords('Model');
        const prepared = ['https://a.example'];
        arm();
        armed = true;
        const answer = await (${call});
        armed = false;
        throw new nango.ActionError({ seen, answered: answer !== null });`;
      const { failed } = await worker.run(sync(body).replace('var z = require("zod");', ''), { type: 'sync', host });
      assert.equal(failed.type, 'action_script_runtime_error', JSON.stringify(failed));
      assert.deepEqual(failed.payload.seen.filter((line) => !OF_THE_LANGUAGE.test(line)), []);
      assert.ok(failed.payload.seen.filter((line) => line.startsWith('Promise.prototype.constructor')).length <= PROMISES, failed.payload.seen.join('\n'));
    });
  }

  it('the traps do count', async () => {
    const { failed } = await worker.run(sync(`${TRAPS}; arm(); armed = true; [1].map((x) => x); const a = {}; a.head = 1; armed = false; throw new nango.ActionError({ seen })`).replace('var z = require("zod");', ''), { type: 'sync', host });
    assert.deepEqual(failed.payload.seen.map((line) => line.split(' ')[0] + line.split(' ')[1]), ['Array.prototype.map', 'getObject.prototype.done'].slice(0, 1).concat(failed.payload.seen.slice(1).map((line) => line.split(' ')[0] + line.split(' ')[1])));
    assert.ok(failed.payload.seen.some((line) => line.startsWith('set Object.prototype.head')));
  });

  it('still ends in one clear outcome, whatever it throws', async () => {
    for (const thrown of ['new Error("x")', 'null', '({ message: "y" })', '(() => { throw 1 })()', 'new nango.ActionError({ a: 1 })']) {
      const { failed } = await worker.run(action(`${TRAPS}; arm(); armed = true; throw ${thrown}`).replace('var z = require("zod");', ''));
      assert.match(failed?.type ?? '', /^(script_internal_error|action_script_runtime_error)$/);
    }
  });
});
