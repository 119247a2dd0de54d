// The module `crypto`: its objects stay with the worker, which knows them by number; arguments and results cross as JSON text
// with the bytes beside it.
(function crypto(lib, host) {
  'use strict';

  const invoke = lib.guarded(host.crypto.invoke);
  const invokeLater = lib.guarded(host.crypto.invokeLater);
  const release = lib.guarded(host.crypto.release);
  const { bytesOf, isView } = lib;
  const { stringify, parse } = JSON;
  const handles = new WeakMap();
  const gone = new FinalizationRegistry(release);
  const MAX_DEPTH = 8;
  const ITSELF = Symbol('itself');

  /** Arguments as tagged JSON; bytes are put into `slots`. */
  function packed(value, slots, depth) {
    if (value === undefined) return ['u'];
    if (typeof value === 'bigint') return ['n', value.toString()];
    if (value === null || typeof value !== 'object') {
      if (typeof value === 'function' || typeof value === 'symbol') throw lib.coded(TypeError, 'ERR_INVALID_ARG_TYPE', `A ${typeof value} cannot be passed here`);
      return ['v', value];
    }
    if (handles.has(value)) return ['h', handles.get(value)];
    if (isView(value)) return ['b', slots.push(bytesOf(value)) - 1];
    if (Object.prototype.toString.call(value).endsWith('ArrayBuffer]')) return ['b', slots.push(new Uint8Array(value)) - 1];
    if (depth > MAX_DEPTH) throw new RangeError('The argument is nested too deeply');
    if (Array.isArray(value)) return ['a', Array.from(value, (item) => packed(item, slots, depth + 1))];
    return ['o', Object.entries(value).map(([name, item]) => [name, packed(item, slots, depth + 1)])];
  }

  function unpacked([tag, value, name], bytes) {
    switch (tag) {
      case 'b': return bytes[value];
      case 'B': {
        const { buffer } = new Uint8Array(bytes[value]);
        return buffer;
      }
      case 'n': return BigInt(value);
      case 's': return ITSELF;
      case 'h': return wrapped(value, name);
      case 'a': return value.map((item) => unpacked(item, bytes));
      case 'o': return Object.fromEntries(value.map(([key, item]) => [key, unpacked(item, bytes)]));
      default: return value;
    }
  }

  function wrapped(id, name) {
    const object = Object.create((classes[name] ?? classes.KeyObject).prototype);
    handles.set(object, id);
    gone.register(object, id);
    return object;
  }

  function failure({ name, message, code }) {
    const Type = { TypeError, RangeError, SyntaxError }[name] ?? Error;
    return Object.assign(new Type(message), name === Type.name ? {} : { name }, code === undefined ? {} : { code });
  }

  lib.failure = failure;
  lib.crossed = (args) => {
    const slots = [];
    return [stringify(args.map((arg) => packed(arg, slots, 0))), slots];
  };

  function crossing(args) {
    const slots = [];
    const bytes = [];
    const allocate = (length) => bytes[bytes.push(lib.Buffer.allocUnsafe(length)) - 1];
    const text = stringify(args.map((arg) => packed(arg, slots, 0)));
    const settle = (answer) => {
      const { error, result } = parse(answer);
      if (error) throw failure(error);
      return unpacked(result, bytes);
    };
    return { text, slots, allocate, settle };
  }

  function call(target, method, args) {
    const { text, slots, allocate, settle } = crossing(args);
    return settle(invoke(target, method, text, slots, allocate));
  }

  const own = (object, method, args) => {
    if (!handles.has(object)) throw lib.coded(TypeError, 'ERR_INVALID_THIS', `${method} was called on something else than what crypto made`);
    return call(handles.get(object), method, args);
  };

  const chained = (object, result) => (result === ITSELF ? object : result);

  /** A class whose objects live with the worker. */
  function kind(name, methods, readable = []) {
    const type = { [name]: class { constructor() { throw new TypeError('Illegal constructor'); } } }[name];
    for (const method of methods) {
      Object.defineProperty(type.prototype, method, {
        value: { [method](...args) { return chained(this, own(this, method, args)); } }[method], writable: true, configurable: true, enumerable: false,
      });
    }
    for (const property of readable) {
      Object.defineProperty(type.prototype, property, { get() { return own(this, `get ${property}`, []); }, configurable: true, enumerable: true });
    }
    return type;
  }

  const CIPHER = ['update', 'final', 'setAAD', 'getAuthTag', 'setAuthTag', 'setAutoPadding'];
  const EXCHANGE = ['computeSecret', 'generateKeys', 'getPrivateKey', 'getPublicKey', 'setPrivateKey', 'setPublicKey', 'getPrime', 'getGenerator'];
  const KEY = [['export', 'equals'], ['type', 'asymmetricKeyType', 'asymmetricKeyDetails', 'symmetricKeySize']];
  const classes = {
    Cipheriv: kind('Cipheriv', CIPHER),
    Decipheriv: kind('Decipheriv', CIPHER),
    Sign: kind('Sign', ['update', 'sign']),
    Verify: kind('Verify', ['update', 'verify']),
    ECDH: kind('ECDH', EXCHANGE),
    DiffieHellman: kind('DiffieHellman', EXCHANGE),
    KeyObject: kind('KeyObject', ...KEY),
    X509Certificate: kind('X509Certificate', ['checkEmail', 'checkHost', 'checkIP', 'checkIssued', 'checkPrivateKey', 'toJSON', 'toString', 'verify'], [
      'ca', 'fingerprint', 'fingerprint256', 'fingerprint512', 'issuer', 'keyUsage', 'publicKey', 'raw', 'serialNumber', 'subject', 'subjectAltName', 'validFrom', 'validTo',
    ]),
    CryptoKey: kind('CryptoKey', [], ['type', 'extractable', 'algorithm', 'usages']),
  };
  Object.assign(classes, { DiffieHellmanGroup: classes.DiffieHellman, PrivateKeyObject: classes.KeyObject, PublicKeyObject: classes.KeyObject, SecretKeyObject: classes.KeyObject });
  for (const { prototype } of [classes.Sign, classes.Verify]) {
    prototype.write = function write(data, encoding) {
      this.update(data, encoding);
      return true;
    };
    prototype.end = function end(data, encoding) {
      if (data !== undefined) this.update(data, encoding);
      return this;
    };
  }

  const module = { constants: Object.freeze(parse(host.crypto.constants)) };
  for (const name of parse(host.crypto.functions)) module[name] = { [name](...args) { return call(0, name, args); } }[name];

  /** With a callback the work is done at once and told later: a thread of its own would escape the watchdog. */
  const withCallback = (name, work) => {
    module[name] = { [name](...args) {
      const callback = typeof args[args.length - 1] === 'function' ? args.pop() : undefined;
      if (callback === undefined) return work(...args);
      let outcome;
      try {
        const result = work(...args);
        outcome = name === 'generateKeyPair' ? [null, result.publicKey, result.privateKey] : [null, result];
      } catch (error) {
        outcome = [error];
      }
      Promise.resolve().then(() => callback(...outcome));
      return undefined;
    } }[name];
  };
  for (const name of ['checkPrime', 'generateKey', 'generateKeyPair', 'generatePrime', 'hkdf', 'pbkdf2', 'scrypt']) withCallback(name, module[`${name}Sync`]);
  for (const name of ['randomBytes', 'randomInt', 'sign', 'verify', 'diffieHellman']) withCallback(name, module[name]);
  module.pseudoRandomBytes = module.randomBytes;

  const setBytes = (target, source) => Reflect.apply(Uint8Array.prototype.set, target, [source]);
  module.randomFillSync = (view, offset = 0, size = undefined) => {
    const all = isView(view) ? bytesOf(view) : new Uint8Array(view);
    const unit = view.BYTES_PER_ELEMENT ?? 1;
    const from = offset * unit;
    const length = size === undefined ? all.length - from : size * unit;
    setBytes(all.subarray(from, from + length), bytesOf(call(0, 'randomBytes', [length])));
    return view;
  };
  withCallback('randomFill', module.randomFillSync);
  module.getRandomValues = (view) => module.randomFillSync(view);

  const subtle = Object.fromEntries(parse(host.crypto.subtle).map((name) => [name, { async [name](...args) {
    const { text, slots, allocate, settle } = crossing(args);
    return settle(await new Promise((resolve) => invokeLater(name, text, slots, allocate, resolve)));
  } }[name]]));

  function X509Certificate(text) {
    return call(0, 'new X509Certificate', [text]);
  }
  X509Certificate.prototype = classes.X509Certificate.prototype;
  X509Certificate.prototype.constructor = X509Certificate;
  classes.X509Certificate = X509Certificate;
  const { DiffieHellmanGroup: _, PrivateKeyObject: _1, PublicKeyObject: _2, SecretKeyObject: _3, CryptoKey, ...shown } = classes;
  classes.KeyObject.from = (key) => call(0, 'KeyObject.from', [key]);
  lib.modules.crypto = { ...module, ...shown, subtle, webcrypto: { subtle, CryptoKey, getRandomValues: module.getRandomValues, randomUUID: module.randomUUID } };
  lib.modules.crypto.default = lib.modules.crypto;
})
