// The scripts of this folder run once per worker, in the realm that holds what all executions share: Buffer, URL, crypto
// and zod. Each is a function that adds its part to `lib`. `host` holds functions of the worker's own realm; they are called
// with and for strings, numbers and bytes of this realm only, and neither they nor what they throw may reach function code.
(function bytes(lib, host) {
  'use strict';

  const TypedArray = Object.getPrototypeOf(Uint8Array);
  const getter = (prototype, name) => {
    const { get } = Object.getOwnPropertyDescriptor(prototype, name);
    return (value) => Reflect.apply(get, value, []);
  };
  const tagOf = getter(TypedArray.prototype, Symbol.toStringTag);
  const bufferOf = getter(TypedArray.prototype, 'buffer');
  const offsetOf = getter(TypedArray.prototype, 'byteOffset');
  const lengthOf = getter(TypedArray.prototype, 'byteLength');
  const dataViewOf = ['buffer', 'byteOffset', 'byteLength'].map((name) => getter(DataView.prototype, name));
  const { isView } = ArrayBuffer;

  /** A call of the worker throws only when the stack is full; its error is of the wrong realm. */
  lib.guarded = (call) => (...args) => {
    try {
      return call(...args);
    } catch {
      throw new RangeError('Maximum call stack size exceeded');
    }
  };

  lib.isView = isView;
  lib.isBytes = (value) => isView(value) && tagOf(value) === 'Uint8Array';

  /** The same memory as a plain array without properties of its own: nothing that function code could have laid into it. */
  lib.bytesOf = (view) => {
    if (tagOf(view) !== undefined) return new Uint8Array(bufferOf(view), offsetOf(view), lengthOf(view));
    const [buffer, offset, length] = dataViewOf.map((part) => part(view));
    return new Uint8Array(buffer, offset, length);
  };

  const copyOut = lib.guarded(host.copy);

  /** Bytes of the worker, copied: what has arrived shares its memory with frames of other executions. */
  lib.received = (length, from) => {
    const bytes = lib.Buffer.allocUnsafe(length);
    copyOut(from, bytes);
    return bytes;
  };
})
