// Hashes are made by the thousand, so theirs is a shorter way than that of the other objects of crypto: each is one function of the
// worker, kept in a private field.
(function hash(kit, host, $) {
  'use strict';

  const begin = kit.guarded(host.crypto.beginHash);

  function invalid(value) {
    const shown = value === null ? 'null' : `type ${typeof value}`;
    throw kit.coded($.TypeError, 'ERR_INVALID_ARG_TYPE', `The "data" argument must be of type string or an instance of Buffer, TypedArray, or DataView. Received ${shown}`);
  }

  const asBytes = (value) => (typeof value === 'string' || value === undefined ? value : $.isView(value) ? $.bytesOf(value) : invalid(value));

  function checked(answer) {
    if (typeof answer === 'string' && answer[0] === '!') throw kit.cryptoFailure(kit.parseBare($.slice(answer, 1)));
    return answer;
  }

  kit.addHashes = (put) => {
    const KEY = $.Symbol('key'); // only this file makes hashes: any other function must not become a step

    class Hashing {
      #step;

      constructor(key, step) {
        if (key !== KEY) throw new $.TypeError('Illegal constructor');
        this.#step = kit.guarded(checked(step));
      }

      static {
        copied = (hash) => new Hash(KEY, hash.#step('copy'));
      }

      update(data, encoding) {
        if (data === undefined) invalid(data);
        checked(this.#step('update', asBytes(data), typeof encoding === 'string' ? encoding : undefined));
        return this;
      }

      digest(encoding) {
        if (encoding !== undefined && encoding !== null && encoding !== 'buffer') return $.slice(checked(this.#step('text', undefined, $.String(encoding))), 1);
        return kit.cryptoBytes(checked(this.#step('bytes')), 0);
      }

      on() { return this; }
      once() { return this; }
      emit() { return false; }
    }
    kit.writable(Hashing.prototype);

    class Hash extends Hashing {
      copy() {
        return copied(this);
      }
    }
    class Hmac extends Hashing {}

    put('Hash', Hash);
    put('Hmac', Hmac);
    put('createHash', (...args) => new Hash(KEY, begin('createHash', kit.cryptoArguments(args))));
    put('createHmac', (...args) => new Hmac(KEY, begin('createHmac', kit.cryptoArguments(args))));
  };

  let copied;
})
