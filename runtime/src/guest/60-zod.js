// zod is shared by all executions: what it keeps by itself must not carry anything from one to another.
(function zod(lib, host) {
  'use strict';

  // What zod takes from the global object while it checks addresses, encoded texts and files; functions do not see these.
  const decodeBase64 = lib.guarded(host.atob);
  const encodeBase64 = lib.guarded(host.btoa);
  Object.assign(globalThis, {
    URL: lib.modules.url.URL,
    atob: (text) => decodeBase64(`${text}`),
    btoa: (text) => encodeBase64(`${text}`),
    File: class File {},
  });

  const z = lib.load('zod');
  const settings = z.config({ jitless: true }); // compiling schemas needs code from text, which is off; zod would find out by trying
  // A function of one execution must not be told what another one parses: settings are taken without effect.
  for (const name of ['customError', 'localeError', 'jitless']) {
    const value = settings[name];
    Object.defineProperty(settings, name, { get: () => value, set: () => undefined, enumerable: true });
  }
  // Schemas registered by id would be there for the next execution to find; what is registered by schema is not.
  const nothing = { get size() { return 0; }, get: () => undefined, has: () => false, set: () => nothing, delete: () => false, clear: () => undefined, [Symbol.iterator]: () => [][Symbol.iterator]() };
  for (const name of ['keys', 'values', 'entries']) nothing[name] = nothing[Symbol.iterator];
  z.globalRegistry._idmap = nothing;
  void z.core.util.allowsEval.value; // computed once, on first use
  lib.modules.zod = z;

  /** What `__toESM(z)` and `__toESM(z, 1)` of a bundle make; see namespaces.mjs. */
  function copied(rest) {
    const copy = Object.create(Object.getPrototypeOf(z), rest);
    for (const key of Object.getOwnPropertyNames(z)) {
      if (!Object.hasOwn(copy, key)) Object.defineProperty(copy, key, { value: z[key], enumerable: Object.getOwnPropertyDescriptor(z, key).enumerable });
    }
    return copy;
  }
  lib.namespaces = { node: copied({ default: { value: z, enumerable: true } }), plain: copied({}) };
})
