// Values cross realms: zod makes dates, libraries throw errors, Buffers are byte arrays. `value instanceof Date` has to mean what
// it says wherever the date was made; zod asks the same of what functions hand it, so this runs in its realm as well.
(function instances() {
  'use strict';

  const { apply, getOwnPropertyDescriptor, getPrototypeOf } = Reflect;
  const isInstance = Function.prototype[Symbol.hasInstance];
  const textOf = Object.prototype.toString;
  const getter = (prototype, name) => getOwnPropertyDescriptor(prototype, name).get;
  const typeOfArray = getter(getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag);

  /** A method that throws for every other kind of object tells the kind, and nothing can pretend to it. */
  const accepts = (method) => (value) => {
    try {
      apply(method, value, []);
      return true;
    } catch {
      return false;
    }
  };

  const kinds = [
    [Error, Error.isError],
    [Date, accepts(Date.prototype.getTime)],
    [Map, accepts(getter(Map.prototype, 'size'))],
    [Set, accepts(getter(Set.prototype, 'size'))],
    [RegExp, accepts(getter(RegExp.prototype, 'dotAll'))],
    [ArrayBuffer, accepts(getter(ArrayBuffer.prototype, 'byteLength'))],
    [Uint8Array, (value) => ArrayBuffer.isView(value) && apply(typeOfArray, value, []) === 'Uint8Array'],
    // Reading its kind must not start a chain of handlers; who lies about it only fools himself.
    [Promise, (value) => apply(textOf, value, []) === '[object Promise]' && typeof value.then === 'function'],
  ];

  for (const [Kind, isKind] of kinds) {
    const ofKind = (value) => typeof value === 'object' && value !== null && isKind(value);
    Object.defineProperty(Kind, Symbol.hasInstance, {
      value: function hasInstance(value) {
        // A class of its own that extends one of these inherits the method, and keeps the usual meaning.
        return apply(isInstance, this, [value]) || (this === Kind && ofKind(value));
      },
      writable: true,
      enumerable: false,
      configurable: true,
    });
  }
})
