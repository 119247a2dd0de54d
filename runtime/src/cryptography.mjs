/** Node's crypto for one execution: its objects stay here and are identified by numbers; see realm/86-crypto.js. */
import crypto from 'node:crypto';
import { checkText, fill, viewOf } from './border.mjs';
import { checkCost, checkSubtleCost } from './costs.mjs';

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
/** Returned by methods that return their own object. */
const ITSELF = Symbol('itself');
const known = new Set(FUNCTIONS);
const MAKERS = {
  'new X509Certificate': (text) => new crypto.X509Certificate(text),
  'KeyObject.from': (key) => crypto.KeyObject.from(key),
};

/** Properties of all modules together, which are the same for every execution. */
const NAMES_TEXT = JSON.stringify({ functions: FUNCTIONS, subtle: SUBTLE, constants: crypto.constants });

const described = ({ name, message, code }) => ({ name: `${name}`, message: `${message}`, code });
const failed = (error) => JSON.stringify({ error: described(error) });

/** An object of crypto exists as long as the realm's object that stands for it, and at most as long as the execution. */
const gone = new FinalizationRegistry(({ objects, number }) => objects.delete(number));

/**
 * @param {object} execution
 * @param {(answer: () => void) => void} execution.enter runs something that calls into the realm, unless the execution has ended
 * @param {() => void} execution.waits called for each call whose result comes later
 * @param {() => boolean} execution.isOver
 */
export function cryptography({ enter, waits, isOver }) {
  const objects = new Map();
  const numbers = new WeakMap();
  let next = 1;
  /** Incoming bytes for the next call, and outgoing bytes until they are taken. */
  let given = [];
  let results = [];

  function unpacked([tag, value], slots) {
    switch (tag) {
      case 'u': return undefined;
      case 'n': return BigInt(value);
      case 'b': return slots[value];
      case 'h': return objects.get(value);
      case 'a': return value.map((item) => unpacked(item, slots));
      case 'o': return Object.fromEntries(value.map(([name, item]) => [name, unpacked(item, slots)]));
      default: return value;
    }
  }

  function args(text) {
    const slots = given;
    given = [];
    return JSON.parse(text).map((arg) => unpacked(arg, slots));
  }

  const kept = (tag, bytes) => [tag, results.push(bytes) - 1, bytes.byteLength];

  function packed(value) {
    if (value === undefined) return ['u'];
    if (value === ITSELF) return ['s'];
    if (typeof value === 'bigint') return ['n', value.toString()];
    if (value === null || typeof value !== 'object') return ['v', value];
    if (ArrayBuffer.isView(value)) return kept('b', new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    if (value instanceof ArrayBuffer) return kept('B', new Uint8Array(value));
    if (Array.isArray(value)) return ['a', value.map(packed)];
    if (Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null) {
      return ['o', Object.entries(value).map(([name, item]) => [name, packed(item)])];
    }
    if (!numbers.has(value)) {
      numbers.set(value, next);
      objects.set(next++, value);
    }
    return ['h', numbers.get(value), value.constructor.name];
  }

  function answer(result) {
    results = [];
    return JSON.stringify({ result: packed(result) });
  }

  function perform(target, method, values) {
    if (target === 0) checkCost(method, values);
    if (target === 0) return Object.hasOwn(MAKERS, method) ? MAKERS[method](...values) : known.has(method) ? crypto[method](...values) : undefined;
    const object = objects.get(target);
    if (method.startsWith('get ')) return object[method.slice(4)];
    if (!METHODS.has(method)) return undefined;
    const result = object[method](...values);
    return result === object ? ITSELF : result;
  }

  /** A hash as a single function; an error is returned as JSON after an exclamation mark. */
  function hashing(hash) {
    return (step, value, encoding) => {
      try {
        switch (step) {
          case 'update':
            hash.update(typeof value === 'string' ? value : viewOf(value), encoding);
            return '';
          case 'copy':
            return hashing(hash.copy());
          case 'text':
            return `=${hash.digest(checkText(encoding, 'The encoding'))}`;
          default:
            results = [hash.digest()];
            return results[0].length;
        }
      } catch (error) {
        return `!${JSON.stringify(described(error))}`;
      }
    };
  }

  return {
    names: NAMES_TEXT,
    /** Bytes for the next call; they are copied. */
    giveBytes: (bytes) => given.push(Buffer.from(viewOf(bytes))) - 1,
    takeBytes: (index, target) => fill(target, results[index]),
    track: (object, number) => void gone.register(object, { objects, number }),
    beginHash(method, text) {
      try {
        const values = args(text);
        checkCost(method, values);
        return hashing(crypto[method === 'createHmac' ? 'createHmac' : 'createHash'](...values));
      } catch (error) {
        return `!${JSON.stringify(described(error))}`;
      }
    },
    invoke(target, method, text) {
      try {
        return answer(perform(target, checkText(method, 'The method'), args(text)));
      } catch (error) {
        return failed(error);
      }
    },
    /**
     * `done` is called in the realm with the result as a text. Node loads its parts when they are first used. A signal must not interrupt
     * that, so it never happens while a signal may end the running code.
     */
    invokeLater(method, text, done) {
      const reply = (make) => enter(() => done(make()));
      if (!SUBTLE.includes(method)) throw new TypeError('There is no such method');
      waits();
      const values = args(text);
      setImmediate(async () => {
        if (isOver()) return;
        let make;
        try {
          checkSubtleCost(method, values);
          const result = await crypto.subtle[method](...values);
          make = () => answer(result);
        } catch (error) {
          make = () => failed(error);
        }
        reply(make);
      });
    },
  };
}
