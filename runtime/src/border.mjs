/**
 * Checks the values that cross between the worker and the realms of functions: texts, numbers, booleans and plain byte arrays. Everything
 * else is refused, and bytes are copied. All checks are captured here, so no object of a function can influence them.
 */
const { apply } = Reflect;
const TypedArray = Object.getPrototypeOf(Uint8Array);
const getter = (name) => Function.prototype.call.bind(Object.getOwnPropertyDescriptor(TypedArray.prototype, name).get);
const kindOf = getter(Symbol.toStringTag);
const lengthOf = getter('byteLength');
const bufferOf = getter('buffer');
const offsetOf = getter('byteOffset');
const { set } = TypedArray.prototype;

export const isBytes = (value) => typeof value === 'object' && value !== null && kindOf(value) === 'Uint8Array';

export function checkText(value, what) {
  if (typeof value !== 'string') throw new TypeError(`${what} must be a text`);
  return value;
}

/** A view over the bytes of a realm, created by the worker: to be read at once and never kept. */
export function viewOf(bytes) {
  if (!isBytes(bytes)) throw new TypeError('Bytes must be a Uint8Array');
  return new Uint8Array(bufferOf(bytes), offsetOf(bytes), lengthOf(bytes)); // Buffer.from would call the other realm for the length
}

/** Copies the worker's bytes into an array of a realm, which must be large enough. */
export function fill(target, bytes) {
  if (!isBytes(target)) throw new TypeError('The target must be a Uint8Array');
  apply(set, target, [bytes]);
}
