// The module `crypto`: its objects stay in the worker, which identifies them for this execution by numbers. Arguments and results are
// exchanged as JSON text, with the bytes beside it.
(function crypto(kit, host, $) {
  'use strict';

  const invoke = kit.guarded(host.crypto.invoke);
  const invokeLater = kit.guarded(host.crypto.invokeLater);
  const track = kit.guarded(host.crypto.track);
  const takeBytes = kit.guarded(host.crypto.takeBytes);
  const giveBytes = kit.guarded(host.crypto.giveBytes);
  const handles = new $.WeakMap();
  const MAX_DEPTH = 8;
  const ITSELF = $.Symbol('itself');

  const tagged = (tag, value) => {
    const pair = $.list();
    pair[0] = tag;
    if (value !== undefined) pair[1] = value;
    return pair;
  };
  const isBuffer = (value) => $.isBuffer(value) || $.isSharedBuffer(value);

  /** Arguments as tagged JSON; bytes are passed to the worker one after another. */
  function packed(value, depth) {
    if (value === undefined) return tagged('u');
    if (typeof value === 'bigint') return tagged('n', $.bigintText(value));
    if (typeof value === 'function' || typeof value === 'symbol') throw kit.coded($.TypeError, 'ERR_INVALID_ARG_TYPE', `A ${typeof value} cannot be passed here`);
    if (!$.isObject(value)) return tagged('v', value);
    if ($.WeakMap_has(handles, value)) return tagged('h', $.WeakMap_get(handles, value));
    if ($.isView(value)) return tagged('b', giveBytes($.bytesOf(value)));
    if (isBuffer(value)) return tagged('b', giveBytes(new $.Uint8Array(value)));
    if (depth > MAX_DEPTH) throw new $.RangeError('The argument is nested too deeply');
    if ($.isArray(value)) return tagged('a', $.map(value, (item) => packed(item, depth + 1)));
    return tagged('o', $.map($.keys(value), (name) => {
      const entry = $.list();
      entry[0] = name;
      entry[1] = packed(value[name], depth + 1);
      return entry;
    }));
  }

  const packedAll = (args) => $.stringify($.map(args, (arg) => packed(arg, 0)));
  kit.cryptoArguments = packedAll;

  function received(length, index) {
    const bytes = new $.Uint8Array(length);
    takeBytes(index, bytes);
    return bytes;
  }
  kit.cryptoBytes = (length, index) => kit.asBuffer(received(length, index));

  function unpacked(item) {
    const value = item[1];
    switch (item[0]) {
      case 'b': return kit.asBuffer(received(item[2], value));
      case 'B': return $.bufferOf(received(item[2], value));
      case 'n': return $.BigInt(value);
      case 's': return ITSELF;
      case 'h': return wrapped(value, item[2]);
      case 'a': {
        const list = [];
        $.each(value, (each) => $.push(list, unpacked(each)));
        return list;
      }
      case 'o': {
        const object = {};
        $.each(value, (entry) => $.define(object, entry[0], unpacked(entry[1]), true));
        return object;
      }
      default: return value;
    }
  }

  function wrapped(id, name) {
    const object = $.create((made.classes[name] ?? made.classes.KeyObject).prototype);
    $.WeakMap_set(handles, object, id);
    track(object, id); // the worker releases its object when this one is collected
    return object;
  }

  const TYPES = $.freeze({ __proto__: null, TypeError: $.TypeError, RangeError: $.RangeError, SyntaxError: $.SyntaxError });

  kit.cryptoFailure = ({ name, message, code }) => {
    const error = new (TYPES[name] ?? $.Error)(message);
    if (!(name in TYPES) && name !== 'Error') $.define(error, 'name', name, true);
    if (code !== undefined) $.define(error, 'code', code, true);
    return error;
  };

  function settled(answer) {
    const { error, result } = kit.parseBare(answer);
    if (error !== undefined) throw kit.cryptoFailure(error);
    return unpacked(result);
  }

  const call = (target, method, args) => settled(invoke(target, method, packedAll(args)));

  const own = (object, method, args) => {
    if (!$.isObject(object) || !$.WeakMap_has(handles, object)) throw kit.coded($.TypeError, 'ERR_INVALID_THIS', `${method} was called on something else than what crypto made`);
    const result = call($.WeakMap_get(handles, object), method, args);
    return result === ITSELF ? object : result;
  };

  const named = (name, body) => $.defineProperty(body, 'name', { __proto__: null, value: name, configurable: true }) && body;

  /** A class whose objects are in the worker. */
  function kind(name, methods, readable = []) {
    const type = named(name, class { constructor() { throw new $.TypeError('Illegal constructor'); } });
    $.each(methods, (method) => $.define(type.prototype, method, named(method, function call_(...args) { return own(this, method, args); })));
    $.each(readable, (property) => $.defineProperty(type.prototype, property, { __proto__: null, get() { return own(this, `get ${property}`, []); }, configurable: true, enumerable: true }));
    return type;
  }

  const CIPHER = ['update', 'final', 'setAAD', 'getAuthTag', 'setAuthTag', 'setAutoPadding'];
  const EXCHANGE = ['computeSecret', 'generateKeys', 'getPrivateKey', 'getPublicKey', 'setPrivateKey', 'setPublicKey', 'getPrime', 'getGenerator'];
  const CERTIFICATE = ['checkEmail', 'checkHost', 'checkIP', 'checkIssued', 'checkPrivateKey', 'toJSON', 'toString', 'verify'];
  const CERTIFICATE_PARTS = [
    'ca', 'fingerprint', 'fingerprint256', 'fingerprint512', 'issuer', 'keyUsage', 'publicKey', 'raw', 'serialNumber', 'subject', 'subjectAltName', 'validFrom', 'validTo',
  ];

  function classesOf() {
    const DiffieHellman = kind('DiffieHellman', EXCHANGE);
    const KeyObject = kind('KeyObject', ['export', 'equals'], ['type', 'asymmetricKeyType', 'asymmetricKeyDetails', 'symmetricKeySize']);
    const X509 = kind('X509Certificate', CERTIFICATE, CERTIFICATE_PARTS);
    const X509Certificate = named('X509Certificate', function make(text) { return call(0, 'new X509Certificate', [text]); });
    $.defineProperty(X509Certificate, 'prototype', { __proto__: null, value: X509.prototype, writable: false });
    $.define(X509.prototype, 'constructor', X509Certificate);
    $.define(KeyObject, 'from', (key) => call(0, 'KeyObject.from', [key]));
    const Sign = kind('Sign', ['update', 'sign']);
    const Verify = kind('Verify', ['update', 'verify']);
    kit.writable(Sign.prototype);
    kit.writable(Verify.prototype);
    return {
      __proto__: null, Cipheriv: kind('Cipheriv', CIPHER), Decipheriv: kind('Decipheriv', CIPHER), Sign, Verify, ECDH: kind('ECDH', EXCHANGE), DiffieHellman, KeyObject,
      X509Certificate, CryptoKey: kind('CryptoKey', [], ['type', 'extractable', 'algorithm', 'usages']),
      DiffieHellmanGroup: DiffieHellman, PrivateKeyObject: KeyObject, PublicKeyObject: KeyObject, SecretKeyObject: KeyObject,
    };
  }

  /** The part of a stream that `stream.pipe(hash)` needs. */
  kit.writable = (prototype) => {
    $.define(prototype, 'write', function write(data, encoding) {
      this.update(data, encoding);
      return true;
    });
    $.define(prototype, 'end', function end(data, encoding) {
      if (data !== undefined) this.update(data, encoding);
      return this;
    });
  };

  /** With a callback the work is done at once and reported later, because the watchdog could not see a separate thread. */
  const withCallback = (name, work) => named(name, (...args) => {
    const callback = args[args.length - 1];
    if (typeof callback !== 'function') return $.apply(work, undefined, args);
    args.length -= 1;
    let outcome;
    try {
      const result = $.apply(work, undefined, args);
      outcome = name === 'generateKeyPair' ? [null, result.publicKey, result.privateKey] : [null, result];
    } catch (error) {
      outcome = [error];
    }
    $.later(() => $.apply(callback, undefined, outcome));
    return undefined;
  });

  function randomFillSync(view, offset = 0, size = undefined) {
    const all = $.isView(view) ? $.bytesOf(view) : new $.Uint8Array(view);
    const unit = $.isView(view) ? (view.BYTES_PER_ELEMENT ?? 1) : 1;
    const from = offset * unit;
    const length = size === undefined ? $.lengthOf(all) - from : size * unit;
    $.setBytes(all, $.bytesOf(call(0, 'randomBytes', [length])), from);
    return view;
  }

  const FAST = ['checkPrime', 'generateKey', 'generateKeyPair', 'generatePrime', 'hkdf', 'pbkdf2', 'scrypt'];
  const EITHER = ['randomBytes', 'randomInt', 'sign', 'verify', 'diffieHellman'];

  /** The bytes of a result can be taken only until the next call. */
  function outcomeOf(answer) {
    try {
      return { __proto__: null, value: settled(answer) };
    } catch (error) {
      return { __proto__: null, error };
    }
  }

  function subtleOf(names) {
    const subtle = {};
    $.each(names, (name) => $.define(subtle, name, named(name, async (...args) => {
      const text = packedAll(args);
      const outcome = await $.own(new $.Promise((resolve) => invokeLater(name, text, (answer) => resolve(outcomeOf(answer)))));
      if (outcome.error !== undefined) throw outcome.error;
      return outcome.value;
    }), true));
    return subtle;
  }

  let made;

  /** The module, created when it is first required. */
  kit.cryptoModule = () => {
    made = { __proto__: null, classes: classesOf() };
    const { functions, subtle: subtleNames, constants } = kit.parseBare(host.crypto.names);
    const module = { constants: $.freeze(kit.shown(constants)) };
    const put = (name, value) => $.define(module, name, value, true);
    $.each(functions, (name) => put(name, named(name, (...args) => call(0, name, args))));
    $.each(FAST, (name) => put(name, withCallback(name, module[`${name}Sync`])));
    $.each(EITHER, (name) => put(name, withCallback(name, module[name])));
    put('pseudoRandomBytes', module.randomBytes);
    put('randomFillSync', randomFillSync);
    put('randomFill', withCallback('randomFill', randomFillSync));
    const getRandomValues = (view) => randomFillSync(view);
    put('getRandomValues', getRandomValues);
    const subtle = subtleOf(subtleNames);
    $.each(['Cipheriv', 'Decipheriv', 'Sign', 'Verify', 'ECDH', 'DiffieHellman', 'KeyObject', 'X509Certificate'], (name) => put(name, made.classes[name]));
    put('subtle', subtle);
    put('webcrypto', { subtle, CryptoKey: made.classes.CryptoKey, getRandomValues, randomUUID: module.randomUUID });
    kit.addHashes(put);
    put('default', module);
    return module;
  };
})
