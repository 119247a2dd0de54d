// Runs inside a function: follows everything that can be reached from the roots, by properties, prototypes, getters and
// descriptors, the nearest first, and tells the paths of what `wanted` finds. Getters may make something new each time, so
// what they answer is followed a few steps only.
function walk(roots, wanted, most = 10) {
  const seen = new Set();
  const found = [];
  const open = [];
  const visit = (value, path, steps) => {
    if (((typeof value === 'object' && value !== null) || typeof value === 'function') && steps > 0 && !seen.has(value)) {
      seen.add(value);
      if (wanted(value)) found.push(path);
      else open.push([value, path, steps]);
    }
  };
  for (const [name, value] of Object.entries(roots)) visit(value, name, 40);
  for (let at = 0; at < open.length && found.length < most; at++) {
    const [object, path, steps] = open[at];
    const fresh = Math.min(steps - 1, 3);
    const look = (step, left, read) => {
      try { visit(read(), path + step, left); } catch (e) { visit(e, `${path}${step}!`, fresh); }
    };
    look('.__proto__', steps - 1, () => Object.getPrototypeOf(object));
    let keys = [];
    try { keys = Reflect.ownKeys(object); } catch (e) { visit(e, `${path}!keys`, fresh); }
    if (ArrayBuffer.isView(object)) keys = keys.filter((key) => typeof key === 'symbol' || !/^\d+$/.test(key));
    for (const key of keys) {
      const step = `.${String(key)}`;
      let descriptor;
      try { descriptor = Object.getOwnPropertyDescriptor(object, key); } catch (e) { visit(e, `${path}${step}!`, fresh); }
      if (descriptor && wanted(descriptor)) found.push(`${path}${step}(descriptor)`);
      for (const part of ['value', 'get', 'set']) visit(descriptor?.[part], path + step, steps - 1);
      if (descriptor?.get) look(step, fresh, () => object[key]);
    }
    for (const key of ['caller', 'arguments', 'callee', 'constructor', Symbol.species]) look(`.${String(key)}`, fresh, () => object[key]);
    const tag = Object.prototype.toString;
    let many = false;
    try { many = /Map|Set/.test(tag.call(object)) && typeof object.size === 'number'; } catch (e) { visit(e, `${path}!tag`, fresh); }
    if (many) for (const item of object) visit(item, `${path}[…]`, steps - 1);
  }
  return { found, count: seen.size };
}
