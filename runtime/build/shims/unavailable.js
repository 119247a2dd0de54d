// Stands for modules that cannot work in a function.
const message = (name, why) => `${name} is not available: ${why}`;

/** @returns {Error} with the code Node gives where its permissions end */
exports.refusal = (name, why) => Object.assign(new Error(message(name, why)), { code: 'ERR_ACCESS_DENIED' });

/** Every value read from it can be extended, and throws when it is called or constructed. */
exports.unavailable = function unavailable(name, why) {
  const known = new Map();
  const refuse = () => {
    throw exports.refusal(name, why);
  };
  const get = (target, key) => {
    if (key === '__esModule') return true;
    if (key === 'then' || typeof key === 'symbol' || key in target) return target[key];
    if (!known.has(key)) known.set(key, unavailable(key === 'default' ? name : `${name}.${key}`, why));
    return known.get(key);
  };
  return new Proxy(class {}, { get, apply: refuse, construct: refuse });
};
