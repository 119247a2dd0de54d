// zod's `$constructor`, the maker of its classes, with methods on prototypes.
//
// zod gives each schema its methods as closures, some 55 to 90 of them: most of the time and memory of a function that declares a
// few schemas. Here they are accessors on a prototype. The first use of a method makes the closure and keeps it in the instance, so
// that it is bound to the instance as before, and the same one each time.

/** Makes a method the instance's own property. */
export function keep(inst, key, value) {
  return keepAs(inst, key, value, true);
}

/** The same for what zod does not enumerate. */
export function keepHidden(inst, key, value) {
  return keepAs(inst, key, value, false);
}

function keepAs(inst, key, value, enumerable) {
  if (inst._zod === undefined) return undefined; // a prototype was asked, which has no such property with zod
  Reflect.defineProperty(inst, key, { value, writable: true, enumerable, configurable: true }); // without effect if it is frozen
  return value;
}

/** Not those of a class of the function's own, made by `class … extends z.ZodString` or `z.core.$constructor`. */
function inherits(inst, methods) {
  return Object.getPrototypeOf(inst) === inst._zod.constr.prototype && Object.prototype.isPrototypeOf.call(methods, inst);
}

/** All methods at once, as zod does it, for instances which do not inherit them. */
function keepAll(inst, methods) {
  for (const key of Object.getOwnPropertyNames(methods)) {
    const property = Object.getOwnPropertyDescriptor(methods, key);
    if (property.set) property.get.call(inst);
    else if (property.get) Object.defineProperty(inst, key, property);
  }
}

export function $constructor(name, initializer, params) {
  return construct(name, initializer, params?.Parent);
}

/**
 * A constructor whose instances have methods.
 * @param {Function | undefined} Methods a class with an accessor for each method, if there are more than those of `Base`
 * @param {Function | undefined} Base the constructor whose methods they have, too
 */
export function withMethods(Methods, Base, name, initializer) {
  const inherited = Base ? Object.getPrototypeOf(Base.prototype) : Object.prototype;
  if (Methods) Object.setPrototypeOf(Methods.prototype, inherited);
  const constructor = construct(name, initializer, undefined, Methods?.prototype);
  Object.setPrototypeOf(constructor.prototype, Methods?.prototype ?? inherited);
  return constructor;
}

/** zod's `$constructor`, but for what concerns `methods`, and without making a class that is not used. */
function construct(name, initializer, Parent, methods) {
  function init(inst, def) {
    if (!inst._zod) {
      Object.defineProperty(inst, '_zod', { value: { def, constr: _, traits: new Set() }, enumerable: false });
    }
    if (inst._zod.traits.has(name)) return;
    inst._zod.traits.add(name);
    initializer(inst, def);
    if (methods && !inherits(inst, methods)) keepAll(inst, methods);
    // Functions may add methods to the prototype of a constructor; they apply to what extends it as well.
    for (const key of Object.keys(_.prototype)) {
      if (!(key in inst)) inst[key] = _.prototype[key].bind(inst);
    }
  }

  const Definition = Parent && class extends Parent {};
  if (Definition) Object.defineProperty(Definition, 'name', { value: name });

  function _(def) {
    const inst = Parent ? new Definition() : this;
    init(inst, def);
    inst._zod.deferred ??= [];
    for (const fn of inst._zod.deferred) fn();
    return inst;
  }
  Object.defineProperty(_, 'init', { value: init });
  Object.defineProperty(_, Symbol.hasInstance, {
    value: (inst) => (Parent && inst instanceof Parent) || inst?._zod?.traits?.has(name),
  });
  Object.defineProperty(_, 'name', { value: name });
  return _;
}
