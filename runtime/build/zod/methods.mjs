/**
 * Moves the methods of schemas to prototypes. zod makes a class like this:
 *
 *   var ZodArray = $constructor("ZodArray", (inst, def) => {
 *     $ZodArray.init(inst, def);
 *     ZodType.init(inst, def);
 *     inst.element = def.element;
 *     inst.nonempty = (params) => inst.check(minLength(1, params));
 *   });
 *
 * The last statement becomes an accessor of the class that is handed to `withMethods`, see realm/constructor.mjs:
 *
 *   get nonempty() { const inst = this; return keep(inst, "nonempty", (params) => inst.check(minLength(1, params))); }
 */
import { parse } from 'acorn';
import { simple } from 'acorn-walk';
import { edited } from './edits.mjs';

/**
 * Constructors whose methods are moved. A class of zod's core, such as `$ZodFunction`, is one of two which `ZodFunction` extends, and
 * prototypes make one chain: only the root of the core has its methods in it.
 */
const MOVED = /^(\$ZodType|[^$].*)$/;

/**
 * @param {string} text a module
 * @returns {string} the module, doing the same
 */
export function withSharedMethods(text) {
  const program = parse(text, { ecmaVersion: 'latest', sourceType: 'module' });
  const constructors = new Map();
  for (const { id, init } of program.body.flatMap((statement) => statement.declarations ?? [])) {
    if (init?.type !== 'CallExpression' || init.callee.name !== '$constructor') continue;
    const [name, initializer, params] = init.arguments;
    if (params || initializer.type !== 'ArrowFunctionExpression') continue; // errors
    constructors.set(id.name, { init, name, initializer, methods: MOVED.test(id.name) ? methods(text, initializer) : [] });
  }

  const edits = [];
  for (const [own, constructor] of constructors) {
    const base = baseOf(own, constructors);
    if (!base && constructor.methods.length === 0) continue;
    const Methods = constructor.methods.length > 0 ? `class {\n${constructor.methods.map(({ accessor }) => accessor).join('\n')}\n}` : undefined;
    edits.push([constructor.init.callee.start, constructor.name.start, `withMethods(${Methods}, ${base}, `]);
    for (const { statement } of constructor.methods) edits.push([statement.start, statement.end, '']);
  }
  return edited(text, edits);
}

/** The constructor that has all methods which a constructor inherits, or `undefined`. */
function baseOf(own, constructors) {
  const { body, params: [inst] } = constructors.get(own).initializer;
  const called = body.body
    .map(({ expression: call }) => call)
    .filter((call) => call?.type === 'CallExpression' && call.callee.property?.name === 'init' && call.arguments[0].name === inst.name)
    .map((call) => call.callee.object.name)
    .filter((name) => constructors.has(name));
  const [base, ...rest] = called.toSorted((a, b) => chain(b, constructors).length - chain(a, constructors).length);
  const known = base ? chain(base, constructors) : [];
  if (rest.some((other) => chain(other, constructors).some((name) => !known.includes(name)))) throw new Error(`${own} has methods from ${base} and ${rest}`);
  return known.length > 0 ? base : undefined;
}

/** The constructors whose methods one has: itself, its base, the base of that, …, those without methods of their own left out. */
function chain(own, constructors) {
  const base = baseOf(own, constructors);
  const inherited = base ? chain(base, constructors) : [];
  return constructors.get(own).methods.length > 0 ? [own, ...inherited] : inherited;
}

/** The statements of an initializer that can be moved, and the accessors which do what they do. */
function methods(text, initializer) {
  return initializer.body.body
    .map((statement) => ({ statement, accessor: accessor(text, initializer, statement) }))
    .filter((each) => each.accessor);
}

/** The accessor that does what a statement of an initializer does, or `undefined`. */
function accessor(text, initializer, { type, expression }) {
  if (type !== 'ExpressionStatement' || usesLocals(initializer, expression)) return undefined;
  const names = initializer.params.map(({ name }) => name);
  const [inst, def] = names;
  const source = (node) => text.slice(node.start, node.end);
  const start = `const ${inst} = this;${def ? ` const ${def} = ${inst}._zod?.def;` : ''}`;
  const method = (name, keep, value) => `get ${name}() { ${start} return ${keep}(${inst}, ${quoted(name)}, ${value}); }\n`
    + `set ${name}(value) { ${keep}(this, ${quoted(name)}, value); }`;
  const isInst = (node) => node.type === 'Identifier' && node.name === inst;

  // inst.name = …
  if (expression.type === 'AssignmentExpression' && isInst(expression.left.object ?? {}) && isMethod(expression.right, isInst)) {
    return method(expression.left.property.name, 'keep', source(expression.right));
  }
  if (expression.type !== 'CallExpression') return undefined;
  const [target, key, value] = expression.arguments;
  switch (source(expression.callee)) {
    // defineLazy(inst, "~standard", () => …)
    case 'defineLazy':
      return isInst(target) && key.value === '~standard' ? method(source(key), 'keepHidden', source(value.body)) : undefined;
    // Object.assign(inst["~standard"], …), what it extends being on the prototype of this one
    case 'Object.assign':
      return isInst(target.object ?? {}) && target.property.value === '~standard'
        ? method(source(target.property), 'keepHidden', `Object.assign(super["~standard"], ${source(key)})`)
        : undefined;
    // Object.defineProperty(inst, "name", { get() { … } })
    case 'Object.defineProperty': {
      const get = value.properties.find((property) => property.key.name === 'get')?.value;
      return isInst(target) && get ? `get ${source(key)}() { ${start} if (!${inst}._zod) return undefined; ${source(get.body)} }` : undefined;
    }
    default:
      return undefined;
  }
}

const quoted = (name) => (name.startsWith('"') ? name : JSON.stringify(name));

function isMethod(node, isInst) {
  return node.type === 'ArrowFunctionExpression'
    || (node.type === 'MemberExpression' && isInst(node.object)) // a second name of a method
    || (node.type === 'CallExpression' && node.callee.name === 'createToJSONSchemaMethod');
}

/** Whether it needs variables of the initializer other than its parameters. */
function usesLocals(initializer, expression) {
  const locals = new Set(initializer.body.body
    .filter(({ type }) => type === 'VariableDeclaration' || type === 'FunctionDeclaration')
    .flatMap((statement) => statement.declarations ?? [statement])
    .map(({ id }) => id.name ?? null)); // `null` for a pattern: what it declares is not looked up
  let used = locals.has(null);
  simple(expression, { Identifier: ({ name }) => { used ||= locals.has(name); } });
  return used;
}
