/**
 * The limits for single crypto calls. Native code cannot be interrupted: the other executions of the worker wait for it, or for one of its
 * few threads, and it continues even after the function's end. Each limit corresponds to some seconds of work.
 */
const MOST_ITERATIONS = 2_000_000;
const MOST_ITERATED_BLOCKS = 8_000_000;
/** Bytes of the shortest hash, which PBKDF2 produces with one round of iterations. */
const BLOCK = 20;
const MOST_SCRYPT_MEMORY = 256 * 1024 * 1024;
const MOST_SCRYPT_WORK = 2 ** 22;
const MOST_ARGON_KILOBYTES = 256 * 1024;
const MOST_ARGON_WORK = 1024 * 1024;
const MOST_MODULUS = { __proto__: null, rsa: 4096, 'rsa-pss': 4096, dsa: 2048 };
const MOST_PRIME = 3072;
const MOST_SAFE_PRIME = 1024;
const MOST_CHECKED_PRIME = 4096;
const MOST_CHECKS = 64;
const MOST_OUTPUT = 64 * 1024 * 1024;

function limit(value, most, what) {
  if (!(Number(value) > most)) return;
  throw Object.assign(new RangeError(`${what} is out of range: functions may have at most ${most}`), { code: 'ERR_OUT_OF_RANGE' });
}

function iterations(count, bytes) {
  limit(count, MOST_ITERATIONS, 'The number of iterations');
  limit(count * Math.ceil(bytes / BLOCK), MOST_ITERATED_BLOCKS, 'The number of iterations times that of blocks of 20 bytes');
}

const bitsOf = (number, encoding) => {
  if (typeof number === 'bigint') return number.toString(2).length;
  return 8 * (typeof number === 'string' ? Buffer.byteLength(number, typeof encoding === 'string' ? encoding : 'utf8') : (number?.byteLength ?? 0));
};
const output = (options) => limit(options?.outputLength, MOST_OUTPUT, 'outputLength');

const LIMITS = {
  __proto__: null,
  pbkdf2Sync: (_, __, count, bytes) => iterations(count, bytes),
  scryptSync(_, __, bytes, { N, cost = N, r, blockSize = r, p, parallelization = p } = {}) {
    const cells = (cost ?? 16_384) * (blockSize ?? 8);
    limit(128 * cells, MOST_SCRYPT_MEMORY, 'Memory, 128 * N * r,');
    limit(cells * (parallelization ?? 1), MOST_SCRYPT_WORK, 'N * r * p');
    limit(bytes, MOST_OUTPUT, 'keylen');
  },
  generateKeyPairSync(type, { modulusLength, primeLength } = {}) {
    limit(modulusLength, MOST_MODULUS[type] ?? MOST_MODULUS.rsa, 'modulusLength');
    limit(primeLength, MOST_SAFE_PRIME, 'primeLength');
  },
  generatePrimeSync(size, { safe, add } = {}) {
    limit(size, safe ? MOST_SAFE_PRIME : MOST_PRIME, 'The size of a prime in bits');
    // There may be no such prime, and the search would not end.
    if (add !== undefined) throw Object.assign(new TypeError('The option add is not available to functions'), { code: 'ERR_INVALID_ARG_VALUE' });
  },
  checkPrimeSync(candidate, { checks } = {}) {
    limit(bitsOf(candidate), MOST_CHECKED_PRIME, 'The size of a candidate in bits');
    limit(checks, MOST_CHECKS, 'checks');
  },
  createDiffieHellman(prime, encoding) {
    if (typeof prime === 'number') limit(prime, MOST_SAFE_PRIME, 'The length of a prime in bits');
    else limit(bitsOf(prime, encoding), MOST_PRIME, 'The size of a prime in bits');
  },
  createHash: (_, options) => output(options),
  hash: (_, __, options) => output(options),
};

const derives = (algorithm, bits) => {
  iterations(algorithm?.iterations ?? 0, (bits ?? 0) / 8);
  limit(algorithm?.memory, MOST_ARGON_KILOBYTES, 'memory');
  limit((algorithm?.memory ?? 0) * (algorithm?.passes ?? 0), MOST_ARGON_WORK, 'memory * passes');
};

const SUBTLE_LIMITS = {
  __proto__: null,
  deriveBits: (algorithm, _, bits) => derives(algorithm, bits),
  deriveKey: (algorithm, _, derived) => derives(algorithm, derived?.length),
  digest: (algorithm) => limit(algorithm?.outputLength, 8 * MOST_OUTPUT, 'outputLength'),
  generateKey: (algorithm) => limit(algorithm?.modulusLength, MOST_MODULUS.rsa, 'modulusLength'),
};

/**
 * @param {string} method of `crypto`
 * @param {unknown[]} args
 * @throws {RangeError} when the call would take too long
 */
export const checkCost = (method, args) => void LIMITS[method]?.(...args);

/** The same for a method of `crypto.subtle`. */
export const checkSubtleCost = (method, args) => void SUBTLE_LIMITS[method]?.(...args);
