/**
 * Makes every declaration of a module when it is first used. Of
 *
 *   function string(params) { return _string(ZodString, params); }
 *   var ZodString = $constructor("ZodString", …);
 *
 * it makes
 *
 *   var string$, ZodString$;
 *   function make0(index) {
 *     switch (index) {
 *       case 0: return function string(params) { return (_string$ ??= make7(3))((ZodString$ ??= make0(1)), params); };
 *       case 1: return (…)("ZodString", …);
 *     }
 *   }
 *
 * Evaluating it makes nothing but the functions `make…`. There are several, since the first call of one makes a cell for every
 * closure in it. All declarations are treated alike, so that the module may have no statements with effects of their own, and
 * none of its values may be `null` or `undefined`; anything unexpected fails the build.
 */
import { parse } from 'acorn';
import { full } from 'acorn-walk';
import { edited } from './edits.mjs';

/** What the bundler makes namespaces with. */
const HELPERS = /^__(defProp|export)$/;
const OF_ONE_MAKER = 24;
/** Where the realm takes its values from. `navigator` is asked for with `typeof`. */
const GLOBALS = new Set([
  'Array', 'BigInt', 'Date', 'Error', 'Function', 'JSON', 'Map', 'Math', 'Number', 'Object', 'Promise', 'Proxy', 'Reflect', 'RegExp', 'Set', 'String',
  'Symbol', 'TypeError', 'Uint8Array', 'WeakMap', 'Boolean', 'isNaN', 'navigator', 'requireOfFunction',
]);

/**
 * @param {string} text a module which exports `external`, a namespace, and `namespace`, the function that makes one
 * @returns {string} the body of a function `(module, exports, require)`
 */
export function withLazyDeclarations(text) {
  const statements = parse(text, { ecmaVersion: 'latest', sourceType: 'module' }).body
    .filter(({ declarations }) => !declarations || !HELPERS.test(declarations[0].id.name));
  const { declared, namespaces, exported } = contents(statements, text);
  const external = namespaces.get(exported.get('external'));
  namespaces.delete(exported.get('external'));
  const names = new Set([...declared.keys(), ...namespaces.keys()]);
  const makers = new Map([...names].map((name, index) => [name, { maker: Math.floor(index / OF_ONE_MAKER), index: index % OF_ONE_MAKER }]));
  const use = (name) => `(${name}$ ??= make${makers.get(name).maker}(${makers.get(name).index}))`;
  const published = publishedNames([external, ...namespaces.values()].flat());
  const edits = references(declared, names).map(({ start, end, name, shorthand }) => [start, end, `${shorthand ? `${name}: ` : ''}${use(name)}`]);
  const source = ({ start, end }) => {
    const inside = edits.filter((edit) => edit[0] >= start && edit[1] <= end).map(([from, to, by]) => [from - start, to - start, by]);
    return edited(text.slice(start, end), inside);
  };

  const cases = [...names].map((name) => {
    const value = namespaces.has(name)
      ? `${use(exported.get('namespace'))}(${listed(namespaces.get(name))}, ${finder(namespaces.get(name), use)}, {})`
      : named(source(declared.get(name)), declared.get(name), published.get(name) ?? name);
    return `case ${makers.get(name).index}: return ${value};\n`;
  });
  const functions = [];
  for (let start = 0; start < cases.length; start += OF_ONE_MAKER) {
    functions.push(`function make${functions.length}(index) {\nswitch (index) {\n${cases.slice(start, start + OF_ONE_MAKER).join('')}}\n}\n`);
  }
  return `"use strict";
var requireOfFunction = require;
var ${[...names].map((name) => `${name}$`).join(', ')};
${functions.join('')}
${module(external, use(exported.get('namespace')), use)}`;
}

/** Where the values of the declarations are, by their names, the exports of namespaces, and those of the module. */
function contents(statements, text) {
  const declared = new Map();
  const namespaces = new Map();
  const exported = new Map();
  for (const statement of statements) {
    const call = statement.expression;
    if (statement.type === 'VariableDeclaration') {
      for (const { id, init } of statement.declarations) {
        declared.set(id.name, init);
      }
    } else if (statement.type === 'FunctionDeclaration' || statement.type === 'ClassDeclaration') {
      declared.set(statement.id.name, statement);
    } else if (statement.type === 'ExportNamedDeclaration') {
      for (const { local, exported: as } of statement.specifiers) exported.set(as.name, local.name);
    } else if (call?.callee?.name === '__export') {
      const [{ name }, { properties }] = call.arguments;
      declared.delete(name);
      namespaces.set(name, properties.map(({ key, value }) => [key.name ?? key.value, value.body.name]));
    } else {
      throw new Error(`A statement has an effect: ${text.slice(statement.start, statement.end)}`);
    }
  }
  return { declared, namespaces, exported };
}

/**
 * The uses of declared names. They can be found by name alone, since the bundler gives no other variable the name of a declaration;
 * this is made sure of.
 */
function references(declared, names) {
  const found = [];
  const local = new Set(['arguments', 'undefined']);
  const free = new Set();
  const shorthands = new Set();
  for (const declaration of declared.values()) {
    full(declaration, (node, _, type) => {
      if (type === 'Property' && node.shorthand) shorthands.add(node.value.start);
      if (type === 'VariablePattern' && node !== declaration.id) local.add(node.name);
      if (type !== 'Identifier') return;
      if (names.has(node.name)) found.push(node);
      else free.add(node.name);
    });
  }
  for (const name of names) {
    if (local.has(name)) throw new Error(`${name} is a declaration and a variable, or assigned to`);
  }
  for (const name of free.difference(local)) {
    if (!GLOBALS.has(name)) throw new Error(`${name} is not known in the realm of a function`);
  }
  return found.map(({ start, end, name }) => ({ start, end, name, shorthand: shorthands.has(start) }));
}

/** The names by which zod knows what it exports: the bundler adds a number to some (`string2`), zod an underscore (`_null`). */
function publishedNames(exports) {
  const published = new Map();
  for (const [exported, name] of exports) {
    const [plain] = [exported, `_${exported}`].filter((candidate) => name.startsWith(candidate) && /^\d*$/.test(name.slice(candidate.length)));
    if (plain) published.set(name, plain);
  }
  return published;
}

/** An expression for a declaration, whose value gets the name it has with zod. */
function named(source, { type, id }, name) {
  if (GLOBALS.has(name)) throw new Error(`${name} would hide what it is named like`);
  if (type === 'FunctionDeclaration') return source.replace(/^((?:async )?function\*? )[\w$]+/, (_, start) => start + name);
  if (type === 'ClassDeclaration') throw new Error(`The bundler makes variables of classes, but not of ${name}`);
  const nameless = type === 'ArrowFunctionExpression' || ((type === 'FunctionExpression' || type === 'ClassExpression') && !id);
  return nameless ? `{ ${name}: ${source} }.${name}` : source;
}

/**
 * The function that finds an export of a namespace by name. Names are compared by length first, for which V8 uses a table:
 * comparing with all names of a large namespace takes as long as making what is found.
 */
function finder(exports, use) {
  const byLength = Map.groupBy(exports, ([name]) => name.length);
  const cases = [...byLength].sort(([a], [b]) => a - b).map(([length, group]) => `case ${length}: switch (name) {
${group.map(([name, value]) => `case ${JSON.stringify(name)}: return ${use(value)};\n`).join('')}}
return undefined;
`);
  return `(name) => {\nswitch (name.length) {\n${cases.join('')}}\n}`;
}

/** The names of the exports, as text. */
function listed(exports) {
  for (const [name] of exports) {
    if (name in Object.prototype) throw new Error(`The export ${name} cannot be told from a property of all objects`);
  }
  return JSON.stringify(exports.map(([name]) => name).join());
}

/**
 * What `require` gives has the exports of `external`, and this namespace as `z` and `default`. esbuild's `__toESM(module)` makes an
 * object with the same properties, so that it is the same object here; the `default` of `__toESM(module, 1)` is the module.
 */
function module(exports, namespace, use) {
  return `var find = ${finder(exports, use)};
var names = ${listed(exports)};
var external = ${namespace}(names, find, {});
module.exports = ${namespace}(names, find, { z: external, default: external });
module.namespaces = { plain: module.exports, node: ${namespace}(names, find, { z: external, default: module.exports }) };
`;
}
