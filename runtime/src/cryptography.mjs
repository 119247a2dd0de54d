/** Node's crypto for the shared realm: its objects are kept here, under numbers; see guest/40-crypto.js. */
import crypto from 'node:crypto';

const FUNCTIONS = [
  'checkPrimeSync', 'createCipheriv', 'createDecipheriv', 'createDiffieHellman', 'createDiffieHellmanGroup', 'createECDH',
  'createPrivateKey', 'createPublicKey', 'createSecretKey', 'createSign', 'createVerify', 'diffieHellman', 'generateKeyPairSync', 'generateKeySync',
  'generatePrimeSync', 'getCipherInfo', 'getCiphers', 'getCurves', 'getDiffieHellman', 'getFips', 'getHashes', 'hash', 'hkdfSync', 'pbkdf2Sync',
  'privateDecrypt', 'privateEncrypt', 'publicDecrypt', 'publicEncrypt', 'randomBytes', 'randomInt', 'randomUUID', 'scryptSync', 'sign', 'timingSafeEqual', 'verify',
];
const SUBTLE = [
  'decrypt', 'deriveBits', 'deriveKey', 'digest', 'encrypt', 'exportKey', 'generateKey', 'importKey', 'sign', 'unwrapKey', 'verify', 'wrapKey',
];
const METHODS = new Set([
  'update', 'final', 'setAAD', 'getAuthTag', 'setAuthTag', 'setAutoPadding', 'sign', 'verify', 'computeSecret', 'generateKeys',
  'getPrivateKey', 'getPublicKey', 'setPrivateKey', 'setPublicKey', 'getPrime', 'getGenerator', 'export', 'equals', 'checkEmail', 'checkHost', 'checkIP',
  'checkIssued', 'checkPrivateKey', 'toJSON', 'toString',
]);
/** Answered by methods that return the object they are called on. */
const ITSELF = Symbol('itself');
const known = new Set(FUNCTIONS);
const MAKERS = {
  'new X509Certificate': (text) => new crypto.X509Certificate(text),
  'KeyObject.from': (key) => crypto.KeyObject.from(key),
};

export function cryptography(ours) {
  const objects = new Map();
  const numbers = new WeakMap();
  let next = 1;

  function unpacked([tag, value], slots) {
    switch (tag) {
      case 'u': return undefined;
      case 'n': return BigInt(value);
      case 'b': return ours(slots[value]);
      case 'h': return objects.get(value);
      case 'a': return value.map((item) => unpacked(item, slots));
      case 'o': return Object.fromEntries(value.map(([name, item]) => [name, unpacked(item, slots)]));
      default: return value;
    }
  }

  function bytes(view, allocate) {
    const copy = allocate(view.byteLength);
    copy.set(view);
    return copy;
  }

  function packed(value, slots) {
    if (value === undefined) return ['u'];
    if (value === ITSELF) return ['s'];
    if (typeof value === 'bigint') return ['n', value.toString()];
    if (value === null || typeof value !== 'object') return ['v', value];
    if (ArrayBuffer.isView(value)) return ['b', slots.add(value)];
    if (value instanceof ArrayBuffer) return ['B', slots.add(new Uint8Array(value))];
    if (Array.isArray(value)) return ['a', value.map((item) => packed(item, slots))];
    if (Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null) {
      return ['o', Object.entries(value).map(([name, item]) => [name, packed(item, slots)])];
    }
    if (!numbers.has(value)) {
      numbers.set(value, next);
      objects.set(next++, value);
    }
    return ['h', numbers.get(value), value.constructor.name];
  }

  function answer(result, allocate) {
    let count = 0;
    const add = (view) => {
      bytes(view, allocate);
      return count++;
    };
    return JSON.stringify({ result: packed(result, { add }) });
  }

  const described = ({ name, message, code }) => ({ name, message, code });
  const failed = (error) => JSON.stringify({ error: described(error) });

  function perform(target, method, args) {
    if (target === 0) return Object.hasOwn(MAKERS, method) ? MAKERS[method](...args) : known.has(method) ? crypto[method](...args) : undefined;
    const object = objects.get(target);
    if (method.startsWith('get ')) return object[method.slice(4)];
    if (!METHODS.has(method)) return undefined;
    const result = object[method](...args);
    return result === object ? ITSELF : result;
  }

  /** One hash as one function; it answers an error as JSON behind an exclamation mark. */
  function hashing(hash) {
    return (step, value, encoding, allocate) => {
      try {
        if (step === 'update') hash.update(typeof value === 'string' ? value : ours(value), encoding);
        else if (step === 'copy') return hashing(hash.copy());
        else if (value === undefined) bytes(hash.digest(), allocate);
        else return `=${hash.digest(value)}`;
        return '';
      } catch (error) {
        return `!${JSON.stringify(described(error))}`;
      }
    };
  }

  return {
    beginHash(method, text, slots) {
      try {
        return hashing(crypto[method](...JSON.parse(text).map((arg) => unpacked(arg, slots))));
      } catch (error) {
        return `!${JSON.stringify(described(error))}`;
      }
    },
    functions: JSON.stringify(FUNCTIONS),
    subtle: JSON.stringify(SUBTLE),
    constants: JSON.stringify(crypto.constants),
    release: (number) => void objects.delete(number),
    invoke(target, method, text, slots, allocate) {
      try {
        return answer(perform(target, method, JSON.parse(text).map((arg) => unpacked(arg, slots))), allocate);
      } catch (error) {
        return failed(error);
      }
    },
    invokeLater(method, text, slots, allocate, done) {
      const args = JSON.parse(text).map((arg) => unpacked(arg, slots));
      crypto.subtle[method](...args).then((result) => done(answer(result, allocate)), (error) => done(failed(error)));
    },
  };
}
