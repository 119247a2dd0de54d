// Evaluated in the realm it freezes: everything that can be reached from `roots` and from the language itself. `assigned` are
// classes whose methods are replaced on single objects; `nodes` tells that Node's own code runs in this realm.
(function harden(roots, assigned, nodes) {
  'use strict';

  const { defineProperty, getOwnPropertyDescriptor, getPrototypeOf, freeze, preventExtensions, seal } = Object;
  const { ownKeys } = Reflect;
  const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';

  const hidden = [
    async () => undefined, function* generator() {}, async function* generator() {}, [][Symbol.iterator](), new Map().entries(), new Set().values(),
    ''[Symbol.iterator](), ''.matchAll(/x/g), new Uint8Array(0).values(), (function* generator() {})(), (async function* generator() {})(),
    Iterator.from([]).map((x) => x), Iterator.from({ next() {} }), new Intl.Segmenter().segment(''), new Intl.Segmenter().segment('')[Symbol.iterator](),
  ];
  const language = [
    Object, Function, Array, Number, Boolean, String, Symbol, BigInt, Date, Promise, RegExp, Error, AggregateError, EvalError, RangeError, ReferenceError,
    SyntaxError, TypeError, URIError, JSON, Math, Reflect, Proxy, Intl, ArrayBuffer, SharedArrayBuffer, Atomics, DataView, Map, Set, WeakMap, WeakSet, WeakRef,
    FinalizationRegistry, Iterator, WebAssembly, Uint8Array, Int8Array, Uint16Array, Int16Array, Uint32Array, Int32Array, BigUint64Array, BigInt64Array,
    Uint8ClampedArray, Float32Array, Float64Array,
  ];

  /** What a getter answers belongs to a module's exports as much as a value does. */
  function read(object, key) {
    try {
      return object[key];
    } catch {
      return undefined;
    }
  }

  function reachable(from) {
    const seen = new Set();
    const open = [...from];
    while (open.length > 0) {
      const object = open.pop();
      if (!isObject(object) || seen.has(object)) continue;
      seen.add(object);
      open.push(getPrototypeOf(object));
      for (const key of ownKeys(object)) {
        const { value, get, set } = getOwnPropertyDescriptor(object, key);
        open.push(value, get, set);
        if (get && !nodes) open.push(read(object, key));
      }
    }
    return seen;
  }

  /**
   * Objects that inherit from a frozen one may not be given a property of the same name by assignment, and `{}.constructor = 1`
   * is something that data does. As accessors the inherited ones let it pass.
   */
  function assignable(prototype) {
    for (const key of ownKeys(prototype)) {
      const descriptor = getOwnPropertyDescriptor(prototype, key);
      if (!('value' in descriptor) || !descriptor.configurable) continue;
      const { value, enumerable } = descriptor;
      defineProperty(prototype, key, {
        get: () => value,
        set(changed) {
          if (this === prototype) throw new TypeError(`${String(key)} is shared by all functions and cannot be changed`);
          defineProperty(this, key, { value: changed, writable: true, enumerable: true, configurable: true });
        },
        enumerable,
        configurable: false,
      });
    }
  }

  /**
   * For Error, whose `stackTraceLimit` Node and many packages change for a moment, and for EventEmitter, whose objects take
   * over a property that cannot be made an accessor: all else is fixed.
   */
  function fixMost(object) {
    for (const key of ownKeys(object)) {
      const descriptor = getOwnPropertyDescriptor(object, key);
      if (key !== 'stackTraceLimit' && descriptor.configurable) defineProperty(object, key, 'value' in descriptor ? { writable: false, configurable: false } : { configurable: false });
    }
    preventExtensions(object);
  }

  /** A regular expression must keep its `lastIndex`; bytes cannot be frozen and are not shared. */
  function fix(object) {
    if (loose.has(object)) fixMost(object);
    else if (object instanceof RegExp) seal(object);
    else if (!ArrayBuffer.isView(object)) freeze(object);
  }

  delete RegExp.prototype.compile;
  const all = reachable([...language, ...hidden, ...roots]);
  const inherited = [
    Object, Function, Array, Error, AggregateError, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError, Promise, Date, ...assigned,
  ];
  const loose = new Set(nodes ? [Error, ...assigned.map(({ prototype }) => prototype)] : []);
  inherited.forEach(({ prototype }) => assignable(prototype));
  all.forEach(fix);
})
