// Hashes are made by the thousand, so theirs is a shorter way than that of the other objects of crypto: each is one function
// of the worker, kept in a private field.
(function hash(lib, host) {
  'use strict';

  const begin = lib.guarded(host.crypto.beginHash);
  const { bytesOf, isView } = lib;
  const { crypto } = lib.modules;

  const asBytes = (value) => (typeof value === 'string' || value === undefined ? value : isView(value) ? bytesOf(value) : invalid(value));

  function invalid(value) {
    const shown = value === null ? 'null' : `type ${typeof value}`;
    throw lib.coded(TypeError, 'ERR_INVALID_ARG_TYPE', `The "data" argument must be of type string or an instance of Buffer, TypedArray, or DataView. Received ${shown}`);
  }

  function checked(answer) {
    if (answer !== '' && answer[0] === '!') throw lib.failure(JSON.parse(answer.slice(1)));
    return answer;
  }

  const KEY = Symbol('key'); // only this file makes hashes: any other function must not become a step

  class Hashing {
    #step;

    constructor(key, step) {
      if (key !== KEY) throw new TypeError('Illegal constructor');
      if (typeof step === 'string') checked(step);
      this.#step = lib.guarded(step);
    }

    static copied(hash) {
      return new Hash(KEY, hash.#step('copy'));
    }

    update(data, encoding) {
      if (data === undefined) invalid(data);
      checked(this.#step('update', asBytes(data), typeof encoding === 'string' ? encoding : undefined));
      return this;
    }

    digest(encoding) {
      if (encoding !== undefined && encoding !== null && encoding !== 'buffer') return checked(this.#step('digest', `${encoding}`)).slice(1);
      let bytes;
      const allocate = (length) => {
        bytes = lib.Buffer.allocUnsafe(length);
        return bytesOf(bytes);
      };
      checked(this.#step('digest', undefined, undefined, allocate));
      return bytes;
    }

    // A hash is a stream as well, as far as `stream.pipe(hash)` needs one.
    write(data, encoding) {
      this.update(data, encoding);
      return true;
    }

    end(data, encoding) {
      if (data !== undefined) this.update(data, encoding);
      return this;
    }

    on() { return this; }
    once() { return this; }
    emit() { return false; }
  }

  const { copied } = Hashing;
  delete Hashing.copied;

  class Hash extends Hashing {
    copy() {
      return copied(this);
    }
  }
  class Hmac extends Hashing {}

  Object.assign(crypto, {
    Hash,
    Hmac,
    createHash: (...args) => new Hash(KEY, begin('createHash', ...lib.crossed(args))),
    createHmac: (...args) => new Hmac(KEY, begin('createHmac', ...lib.crossed(args))),
  });
})
