// `export * from`: defines getters for the names of a module, which is loaded when one of them is read.
module.exports = (exports, names, load) => {
  for (const name of names) {
    if (!Object.hasOwn(exports, name)) Object.defineProperty(exports, name, { enumerable: true, get: () => load()[name] });
  }
};
