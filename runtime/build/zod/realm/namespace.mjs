// A namespace has hundreds of exports, of which a function uses a dozen. Each is created when it is first read.

/**
 * An object that looks as if it had all the exports from the start.
 * @param {string} names of the exports, separated by commas
 * @param {(name: string) => unknown} find the export of that name; `undefined` if there is none
 * @param {object} own properties which it has beside them
 */
export function namespace(names, find, own) {
  return new Proxy(Object.defineProperty(own, '__esModule', { value: true }), new Exports(names, find));
}

/** Creates the property on the target when it is first read; the target then behaves like an object without traps. */
class Exports {
  #names;
  #find;

  constructor(names, find) {
    this.#names = names;
    this.#find = find;
  }

  #fill(target, name) {
    if (Object.hasOwn(target, name)) return;
    const value = this.#find(name);
    // Exports cannot be changed. In the package they are accessors without setters.
    if (value !== undefined) Object.defineProperty(target, name, { value, enumerable: true });
  }

  #fillAll(target) {
    for (const name of this.#names.split(',')) this.#fill(target, name);
  }

  get(target, name) {
    this.#fill(target, name);
    return target[name];
  }

  has(target, name) {
    this.#fill(target, name);
    return Reflect.has(target, name);
  }

  set(target, name, value) {
    this.#fill(target, name);
    return Reflect.set(target, name, value);
  }

  defineProperty(target, name, property) {
    this.#fill(target, name);
    return Reflect.defineProperty(target, name, property);
  }

  deleteProperty(target, name) {
    this.#fill(target, name);
    return Reflect.deleteProperty(target, name);
  }

  getOwnPropertyDescriptor(target, name) {
    this.#fill(target, name);
    return Reflect.getOwnPropertyDescriptor(target, name);
  }

  ownKeys(target) {
    this.#fillAll(target);
    return Reflect.ownKeys(target);
  }

  preventExtensions(target) {
    this.#fillAll(target);
    return Reflect.preventExtensions(target);
  }
}
