// The files of this folder are one script. It runs first in the context of every execution, before any code of a function.
//
// Everything the platform's code uses later is captured here. A function may replace whatever it finds in its realm: methods of
// prototypes, setters on Object.prototype, iterators, `then`. So the code in this folder keeps these rules:
//   * nothing is looked up on a prototype after this file has run: `$.slice(text, 1)`, not `text.slice(1)`;
//   * the platform's own objects have no prototype (`{ __proto__: null }`, `$.list()`), so that assigning to them meets no setter
//     and reading from them meets no getter;
//   * no iterator of an array is used: no `for…of`, no spread of arrays, no array patterns;
//   * an awaited promise of the platform goes through `$.own`, so that no `then` or `constructor` of a function is met.
// `test/rules.test.mjs` checks the text for them, `test/captures.test.mjs` shows that no replaced built-in is ever called.
(function captures() {
  'use strict';

  const { apply, construct, ownKeys, getOwnPropertyDescriptor: descriptorOf, getPrototypeOf, defineProperty, deleteProperty, set } = Reflect;
  const { bind, call } = Function.prototype;
  /** `uncurry(method)(self, ...args)`: calling a bound function needs no property lookup. */
  const uncurry = apply(bind, bind, [call]);
  const getter = (prototype, name) => uncurry(descriptorOf(prototype, name).get);

  const { freeze, hasOwn, setPrototypeOf, keys, entries, create, fromEntries } = Object;
  const { prototype: bytesPrototype } = getPrototypeOf(Uint8Array);
  const arrayKind = getter(bytesPrototype, Symbol.toStringTag);
  const bufferOf = getter(bytesPrototype, 'buffer');
  const offsetOf = getter(bytesPrototype, 'byteOffset');
  const lengthOf = getter(bytesPrototype, 'byteLength');
  const viewBufferOf = getter(DataView.prototype, 'buffer');
  const viewOffsetOf = getter(DataView.prototype, 'byteOffset');
  const viewLengthOf = getter(DataView.prototype, 'byteLength');
  const bufferLengthOf = getter(ArrayBuffer.prototype, 'byteLength');
  const sharedLengthOf = getter(SharedArrayBuffer.prototype, 'byteLength');
  const { isView } = ArrayBuffer;
  const methods = {
    __proto__: null, apply, construct, defineProperty, deleteProperty, get: Reflect.get, getOwnPropertyDescriptor: descriptorOf, getPrototypeOf, has: Reflect.has,
    isExtensible: Reflect.isExtensible, ownKeys, preventExtensions: Reflect.preventExtensions, set, setPrototypeOf: Reflect.setPrototypeOf,
  };
  const execute = uncurry(RegExp.prototype.exec);

  const data = (value, enumerable = false) => ({ __proto__: null, value, writable: true, enumerable, configurable: true });
  const define = (target, name, value, enumerable = false) => {
    defineProperty(target, name, data(value, enumerable));
    return target;
  };

  /** An array without prototype: assigning to its next index meets no setter, and its species is the default. */
  const list = (length = 0) => setPrototypeOf(new Array(length), null);
  const push = (array, value) => {
    defineProperty(array, array.length, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
    return array;
  };

  /** Three loops over arrays, by index; holes are `undefined`. */
  const each = (array, visit) => {
    for (let at = 0; at < array.length; at++) visit(array[at], at);
  };
  const map = (array, change) => {
    const out = list();
    for (let at = 0; at < array.length; at++) out[at] = change(array[at], at);
    return out;
  };
  const find = (array, wanted) => {
    for (let at = 0; at < array.length; at++) if (wanted(array[at], at)) return array[at];
    return undefined;
  };
  const filter = (array, wanted) => {
    const out = list();
    for (let at = 0; at < array.length; at++) if (wanted(array[at], at)) out[out.length] = array[at];
    return out;
  };
  const includes = (array, value) => {
    for (let at = 0; at < array.length; at++) if (array[at] === value) return true;
    return false;
  };
  const join = (array, separator) => {
    let text = '';
    for (let at = 0; at < array.length; at++) text += at === 0 ? array[at] : separator + array[at];
    return text;
  };

  const indexOf = uncurry(String.prototype.indexOf);
  const slice = uncurry(String.prototype.slice);
  const split = (text, separator) => {
    const parts = list();
    let from = 0;
    for (let at = indexOf(text, separator); at >= 0; at = indexOf(text, separator, from)) {
      parts[parts.length] = slice(text, from, at);
      from = at + separator.length;
    }
    parts[parts.length] = slice(text, from);
    return parts;
  };
  /** Replaces every occurrence of a text; neither text is a pattern. */
  const replaceAll = (text, wanted, by) => join(split(text, wanted), by);

  const accepts = (read) => (value) => {
    try {
      read(value);
      return true;
    } catch {
      return false;
    }
  };

  const isObject = (value) => typeof value === 'object' && value !== null;
  const isBytes = (value) => isObject(value) && isView(value) && arrayKind(value) === 'Uint8Array';

  /** The same memory as a plain array without properties of its own, so that nothing in it can be manipulated. */
  const bytesOf = (view) => (arrayKind(view) === undefined
    ? new Uint8Array_(viewBufferOf(view), viewOffsetOf(view), viewLengthOf(view))
    : new Uint8Array_(bufferOf(view), offsetOf(view), lengthOf(view)));
  const Uint8Array_ = Uint8Array;
  const Promise_ = Promise;

  /** Makes a promise of the platform safe to await: it is taken as it is, without a look at the prototype. */
  const own = (promise) => define(promise, 'constructor', Promise_);
  const resolved = own(new Promise_((resolve) => resolve(undefined)));

  /** Runs `task` as a microtask of this realm. What it throws is lost: tasks handle their own errors. */
  const later = async (task) => {
    await resolved;
    task();
  };

  return freeze({
    __proto__: null,
    apply, construct, uncurry, getter, ownKeys, descriptorOf, getPrototypeOf, defineProperty, deleteProperty, set,
    freeze, hasOwn, setPrototypeOf, keys, entries, create, fromEntries, data, define,
    list, push, each, map, find, filter, includes, join, own, later,
    isArray: Array.isArray, sort: uncurry(Array.prototype.sort),
    isObject, isView, isBytes, bytesOf, arrayKind, lengthOf: (view) => lengthOf(bytesOf(view)),
    isBuffer: accepts(bufferLengthOf), isSharedBuffer: accepts(sharedLengthOf), isDate: accepts(uncurry(Date.prototype.getTime)),
    isError: Error.isError,
    setBytes: uncurry(bytesPrototype.set), subarray: (bytes, from, to) => new Uint8Array_(bufferOf(bytes), offsetOf(bytes) + from, to - from),
    parse: JSON.parse, stringify: JSON.stringify,
    Error, TypeError, RangeError, SyntaxError, EvalError, String, Number, Boolean, BigInt, Symbol, Date, Promise: Promise_, Proxy, reflect: freeze(methods), Uint8Array: Uint8Array_,
    ArrayBuffer, Object, Array, Map, Map_set: uncurry(Map.prototype.set), bufferOf, Math_min: Math.min, Math_max: Math.max, trunc: Math.trunc, isInteger: Number.isInteger,
    now: Date.now, toISOString: uncurry(Date.prototype.toISOString),
    slice, indexOf, lastIndexOf: uncurry(String.prototype.lastIndexOf), split, replaceAll, trim: uncurry(String.prototype.trim),
    toLowerCase: uncurry(String.prototype.toLowerCase), toUpperCase: uncurry(String.prototype.toUpperCase),
    startsWith: uncurry(String.prototype.startsWith), endsWith: uncurry(String.prototype.endsWith), toWellFormed: uncurry(String.prototype.toWellFormed),
    charCodeAt: uncurry(String.prototype.charCodeAt), bigintText: uncurry(BigInt.prototype.toString),
    /** The match of a pattern of the platform, or null; `lastIndex` of the pattern is its own. */
    exec: execute, test: (pattern, text) => execute(pattern, text) !== null,
    errorText: uncurry(Error.prototype.toString), tagText: uncurry(Object.prototype.toString), isEnumerable: uncurry(Object.prototype.propertyIsEnumerable),
    WeakMap_get: uncurry(WeakMap.prototype.get), WeakMap_set: uncurry(WeakMap.prototype.set), WeakMap_has: uncurry(WeakMap.prototype.has), WeakMap,
    asyncIterator: Symbol.asyncIterator, iterator: Symbol.iterator, toStringTag: Symbol.toStringTag,
  });
})
