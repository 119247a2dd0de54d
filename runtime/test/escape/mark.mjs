/** Loaded into a worker before anything else: whatever inherits from the worker's own Object.prototype can be told by this. */
Object.defineProperty(Object.prototype, Symbol.for('of the worker'), { value: true });
