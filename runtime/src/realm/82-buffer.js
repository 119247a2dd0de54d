// Buffer: the npm package, evaluated at its first use, with Node's own conversions between text and bytes, which are many times faster.
(function buffer(kit, host, $) {
  'use strict';

  const decode = kit.guarded(host.decode);
  const encode = kit.guarded(host.encode);
  const { bytesOf, isBytes, isView } = $;
  const ALIASES = $.freeze({
    __proto__: null, utf8: 'utf8', 'utf-8': 'utf8', hex: 'hex', base64: 'base64', base64url: 'base64url', ascii: 'ascii', latin1: 'latin1', binary: 'latin1',
    ucs2: 'ucs2', 'ucs-2': 'ucs2', utf16le: 'ucs2', 'utf-16le': 'ucs2',
  });

  const known = (encoding) => ALIASES[$.toLowerCase($.String(encoding))];

  const named = (encoding) => {
    if (encoding === undefined || encoding === null || encoding === '' || encoding === 'utf8') return 'utf8';
    const name = known(encoding);
    if (name === undefined) throw kit.coded($.TypeError, 'ERR_UNKNOWN_ENCODING', `Unknown encoding: ${$.String(encoding)}`);
    return name;
  };
  const invalid = (what) => kit.coded($.TypeError, 'ERR_INVALID_ARG_TYPE', what);

  const within = (value, fallback, least, most) => {
    const number = value === undefined ? fallback : $.trunc($.Number(value)) || 0;
    return $.Math_min($.Math_max(number, least), most);
  };

  let loaded;
  kit.Buffer = () => (loaded ??= adapted(kit.load('buffer').Buffer));

  /** The platform's bytes as the function's Buffer; the memory is shared. */
  kit.asBuffer = (bytes) => {
    kit.Buffer();
    return $.setPrototypeOf(bytes, loaded.prototype);
  };

  function fromText(text, encoding) {
    const name = named(encoding);
    const bytes = new $.Uint8Array(kit.sizeOf(text, name));
    const written = encode(text, name, bytes);
    return kit.asBuffer(written === $.lengthOf(bytes) ? bytes : $.subarray(bytes, 0, written));
  }

  const rest = (text, more) => {
    const out = $.list();
    out[0] = text;
    $.each(more, (value) => $.push(out, value));
    return out;
  };

  function adapted(Buffer) {
    const { from, fill, indexOf, lastIndexOf, compare } = { __proto__: null, ...Buffer, fill: Buffer.prototype.fill, indexOf: Buffer.prototype.indexOf, lastIndexOf: Buffer.prototype.lastIndexOf };
    const ours = (name, value) => $.define(Buffer, name, value);
    const method = (name, value) => $.define(Buffer.prototype, name, value);

    ours('isEncoding', (encoding) => typeof encoding === 'string' && known(encoding) !== undefined);

    ours('from', function from_(value, encodingOrOffset, length) {
      if (typeof value === 'string') return fromText(value, encodingOrOffset);
      if (isBytes(value)) return kit.asBuffer(new $.Uint8Array(bytesOf(value)));
      return $.apply(from, Buffer, [value, encodingOrOffset, length]);
    });

    ours('byteLength', (value, encoding) => {
      if (typeof value === 'string') return kit.sizeOf(value, known(encoding) ?? 'utf8');
      if (isView(value)) return $.lengthOf(value);
      if ($.isBuffer(value) || $.isSharedBuffer(value)) return value.byteLength;
      throw invalid('The "string" argument must be of type string or an instance of Buffer or ArrayBuffer.');
    });

    ours('concat', (list, totalLength) => {
      if (!$.isArray(list)) throw invalid('The "list" argument must be an instance of Array.');
      let size = 0;
      const parts = $.map(list, (part, index) => {
        if (!isBytes(part)) throw invalid(`The "list[${index}]" argument must be an instance of Buffer or Uint8Array.`);
        size += $.lengthOf(part);
        return bytesOf(part);
      });
      const all = Buffer.alloc(totalLength === undefined ? size : totalLength);
      const capacity = $.lengthOf(all);
      let at = 0;
      for (let index = 0; index < parts.length && at < capacity; index++) {
        const length = $.lengthOf(parts[index]);
        $.setBytes(all, length > capacity - at ? $.subarray(parts[index], 0, capacity - at) : parts[index], at);
        at += length;
      }
      return all;
    });

    ours('copyBytesFrom', (view, offset = 0, length = undefined) => {
      if (!isView(view)) throw invalid('The "view" argument must be an instance of TypedArray.');
      const part = view.subarray(offset, length === undefined ? undefined : offset + length); // the function's own
      return kit.asBuffer(new $.Uint8Array(bytesOf(part)));
    });

    method('equals', function equals(other) {
      if (!isBytes(other)) throw invalid('The "otherBuffer" argument must be an instance of Buffer or Uint8Array.');
      return this === other || compare(this, other) === 0;
    });

    method('toString', function toString(encoding, start, end) {
      const bytes = bytesOf(this);
      if (encoding === undefined && start === undefined) return decode(bytes, 'utf8');
      const size = $.lengthOf(bytes);
      const first = within(start, 0, 0, size);
      return decode($.subarray(bytes, first, within(end, size, first, size)), named(encoding));
    });
    method('toLocaleString', Buffer.prototype.toString);

    method('write', function write(text, ...more) {
      if (typeof text !== 'string') throw invalid('The "string" argument must be of type string.');
      const last = more[more.length - 1];
      const encoding = typeof last === 'string' ? last : undefined;
      const count = encoding === undefined ? more.length : more.length - 1;
      const bytes = bytesOf(this);
      const size = $.lengthOf(bytes);
      const first = within(count > 0 ? more[0] : undefined, 0, 0, size);
      const length = within(count > 1 ? more[1] : undefined, size - first, 0, size - first);
      return encode(text, named(encoding), $.subarray(bytes, first, first + length));
    });

    $.each($.setPrototypeOf(['utf8', 'latin1', 'ascii', 'ucs2', 'hex', 'base64', 'base64url'], null), (name) => {
      method(`${name}Slice`, function slice(start, end) {
        return this.toString(name, start, end);
      });
      method(`${name}Write`, function write(text, offset, length) {
        return this.write(text, offset, length, name);
      });
    });

    // The package does not support base64url for searching and filling.
    $.each($.entries({ __proto__: null, fill, indexOf, lastIndexOf }), (entry) => {
      method(entry[0], function over(value, ...more) {
        const last = more[more.length - 1];
        if (typeof value !== 'string' || typeof last !== 'string') return $.apply(entry[1], this, rest(value, more));
        more.length -= 1;
        return $.apply(entry[1], this, rest(fromText(value, last), more));
      });
    });
    return Buffer;
  }

  kit.bufferText = (bytes, encoding) => decode(bytesOf(bytes), named(encoding));
})
