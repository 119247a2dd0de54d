// The npm package `buffer`, with Node's own conversions between text and bytes: they are many times faster.
(function buffer(lib, host) {
  'use strict';

  const { Buffer } = lib.load('buffer');
  const { bytesOf, isBytes, isView } = lib;
  const decode = lib.guarded(host.decode);
  const encode = lib.guarded(host.encode);
  const sizeOf = lib.guarded(host.sizeOf);
  const ALIASES = { utf8: 'utf8', 'utf-8': 'utf8', hex: 'hex', base64: 'base64', base64url: 'base64url', ascii: 'ascii', latin1: 'latin1', binary: 'latin1', ucs2: 'ucs2', 'ucs-2': 'ucs2', utf16le: 'ucs2', 'utf-16le': 'ucs2' };

  const known = (encoding) => {
    const lower = String(encoding).toLowerCase();
    return Object.hasOwn(ALIASES, lower) ? ALIASES[lower] : undefined;
  };

  const named = (encoding) => {
    if (encoding === undefined || encoding === null || encoding === '' || encoding === 'utf8') return 'utf8';
    const name = known(encoding);
    if (name === undefined) throw lib.coded(TypeError, 'ERR_UNKNOWN_ENCODING', `Unknown encoding: ${encoding}`);
    return name;
  };

  lib.coded = (Type, code, message) => Object.assign(new Type(message), { code });
  lib.Buffer = Buffer;

  const packaged = { from: Buffer.from, write: Buffer.prototype.write, isBuffer: Buffer.isBuffer, compare: Buffer.compare, fill: Buffer.prototype.fill, indexOf: Buffer.prototype.indexOf, lastIndexOf: Buffer.prototype.lastIndexOf };
  const define = (target, name, value) => Object.defineProperty(target, name, { value, writable: true, enumerable: false, configurable: true });
  const within = (value, fallback, least, most) => {
    const number = value === undefined ? fallback : Math.trunc(Number(value)) || 0;
    return Math.min(Math.max(number, least), most);
  };

  function fromText(text, encoding) {
    const name = named(encoding);
    const bytes = Buffer.allocUnsafe(sizeOf(text, name));
    const written = encode(text, name, bytesOf(bytes));
    return written === bytes.length ? bytes : bytes.subarray(0, written);
  }

  define(Buffer, 'isEncoding', (encoding) => typeof encoding === 'string' && known(encoding) !== undefined);

  define(Buffer, 'from', function from(value, encodingOrOffset, length) {
    if (typeof value === 'string') return fromText(value, encodingOrOffset);
    if (isBytes(value)) {
      const source = bytesOf(value);
      const copy = Buffer.allocUnsafe(source.length);
      copy.set(source);
      return copy;
    }
    return packaged.from(value, encodingOrOffset, length);
  });

  define(Buffer, 'byteLength', (value, encoding) => {
    if (typeof value === 'string') return sizeOf(value, known(encoding) ?? 'utf8');
    if (isView(value)) return bytesOf(value).length;
    if (Object.prototype.toString.call(value).endsWith('ArrayBuffer]')) return value.byteLength;
    throw lib.coded(TypeError, 'ERR_INVALID_ARG_TYPE', 'The "string" argument must be of type string or an instance of Buffer or ArrayBuffer.');
  });

  define(Buffer, 'concat', (list, totalLength) => {
    if (!Array.isArray(list)) throw lib.coded(TypeError, 'ERR_INVALID_ARG_TYPE', 'The "list" argument must be an instance of Array.');
    const parts = list.map((part, index) => {
      if (!isBytes(part)) throw lib.coded(TypeError, 'ERR_INVALID_ARG_TYPE', `The "list[${index}]" argument must be an instance of Buffer or Uint8Array.`);
      return bytesOf(part);
    });
    const all = Buffer.alloc(totalLength === undefined ? parts.reduce((sum, part) => sum + part.length, 0) : totalLength);
    let at = 0;
    for (const part of parts) {
      if (at >= all.length) break;
      all.set(part.subarray(0, all.length - at), at);
      at += part.length;
    }
    return all;
  });

  define(Buffer, 'copyBytesFrom', (view, offset = 0, length = undefined) => {
    if (!isView(view)) throw lib.coded(TypeError, 'ERR_INVALID_ARG_TYPE', 'The "view" argument must be an instance of TypedArray.');
    return Buffer.from(bytesOf(view.subarray(offset, length === undefined ? undefined : offset + length)));
  });

  define(Buffer.prototype, 'equals', function equals(other) {
    if (!isBytes(other)) throw lib.coded(TypeError, 'ERR_INVALID_ARG_TYPE', 'The "otherBuffer" argument must be an instance of Buffer or Uint8Array.');
    return this === other || packaged.compare(this, other) === 0;
  });

  define(Buffer.prototype, 'toString', function toString(encoding, start, end) {
    const bytes = bytesOf(this);
    if (encoding === undefined && start === undefined) return decode(bytes, 'utf8');
    const from = within(start, 0, 0, bytes.length);
    const to = within(end, bytes.length, from, bytes.length);
    return decode(bytes.subarray(from, to), named(encoding));
  });
  define(Buffer.prototype, 'toLocaleString', Buffer.prototype.toString);

  define(Buffer.prototype, 'write', function write(text, ...rest) {
    if (typeof text !== 'string') throw lib.coded(TypeError, 'ERR_INVALID_ARG_TYPE', 'The "string" argument must be of type string.');
    const encoding = typeof rest[rest.length - 1] === 'string' ? rest.pop() : undefined;
    const bytes = bytesOf(this);
    const from = within(rest[0], 0, 0, bytes.length);
    const to = from + within(rest[1], bytes.length - from, 0, bytes.length - from);
    return encode(text, named(encoding), bytes.subarray(from, to));
  });

  for (const name of ['utf8', 'latin1', 'ascii', 'ucs2', 'hex', 'base64', 'base64url']) {
    define(Buffer.prototype, `${name}Slice`, function slice(start, end) {
      return this.toString(name, start, end);
    });
    define(Buffer.prototype, `${name}Write`, function write(text, offset, length) {
      return this.write(text, offset, length, name);
    });
  }
  // The package knows no base64url where a text is looked for or repeated.
  for (const name of ['fill', 'indexOf', 'lastIndexOf']) {
    define(Buffer.prototype, name, function over(value, ...rest) {
      const encoding = typeof value === 'string' && typeof rest[rest.length - 1] === 'string' ? rest.pop() : undefined;
      return packaged[name].call(this, encoding === undefined ? value : fromText(value, encoding), ...rest);
    });
  }
})
