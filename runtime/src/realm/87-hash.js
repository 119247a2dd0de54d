// Functions create thousands of hashes, so these use a shorter path than other crypto objects: each is a function of the worker, stored in
// a private field.
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

  // The classes that a function gets must not call `super`, because the function could insert a class of its own above them.
  class Itself {
    constructor(object) {
      return object;
    }
  }
  class Stepping extends Itself {
    #step;

    constructor(object, step) {
      super(object);
      this.#step = kit.guarded(checked(step));
    }

    static step(hash, name, value, encoding) {
      return checked(hash.#step(name, value, encoding));
    }
  }

  const made = (type, step) => new Stepping($.create(type.prototype), step);
  const take = (hash, name, value, encoding) => Stepping.step(hash, name, value, encoding);

  kit.addHashes = (put) => {
    class Hashing {
      constructor() {
        throw new $.TypeError('Illegal constructor');
      }

      update(data, encoding) {
        if (data === undefined) invalid(data);
        take(this, 'update', asBytes(data), typeof encoding === 'string' ? encoding : undefined);
        return this;
      }

      digest(encoding) {
        if (encoding !== undefined && encoding !== null && encoding !== 'buffer') return $.slice(take(this, 'text', undefined, $.String(encoding)), 1);
        return kit.cryptoBytes(take(this, 'bytes'), 0);
      }

      on() { return this; }
      once() { return this; }
      emit() { return false; }
    }
    kit.writable(Hashing.prototype);

    class Hash extends Hashing {
      copy() {
        return made(Hash, take(this, 'copy'));
      }
    }
    class Hmac extends Hashing {}

    put('Hash', Hash);
    put('Hmac', Hmac);
    put('createHash', (...args) => made(Hash, begin('createHash', kit.cryptoArguments(args))));
    put('createHmac', (...args) => made(Hmac, begin('createHmac', kit.cryptoArguments(args))));
  };
})
