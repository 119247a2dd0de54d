// `util`: the part that the packages use.
exports.deprecate = (method) => method;

exports.inherits = (child, parent) => {
  Object.defineProperty(child, 'super_', { value: parent, writable: true, configurable: true });
  Object.setPrototypeOf(child.prototype, parent.prototype);
};

exports.promisify = (method) => function promisified(...args) {
  return new Promise((resolve, reject) => {
    method.call(this, ...args, (error, value) => (error ? reject(error) : resolve(value)));
  });
};
