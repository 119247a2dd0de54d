import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import { parse } from 'acorn';
import { ancestor } from 'acorn-walk';
import { ROOT } from '../src/node.mjs';

const FOLDER = `${ROOT}src/realm/`;

/** What is meant for values of functions, and so runs their code: such lines say it. */
const MARKS = ['// the function\'s own', '// a call site\'s own'];
const GLOBALS = new Set(['globalThis', 'undefined', 'arguments']);
/** Changed while the realm is made, before there is any other code. */
const SHAPED = new Set(['Atomics', 'WebAssembly']);

const intrinsics = [
  Object, Function, Array, Number, String, Symbol, BigInt, Date, Promise, RegExp, Error, Map, Set, WeakMap, WeakSet, ArrayBuffer, DataView, Uint8Array,
  Object.getPrototypeOf(Uint8Array), Iterator, Object.getPrototypeOf(async function* generator() {}),
];
const METHODS = new Set(intrinsics.flatMap(({ prototype }) => Object.getOwnPropertyNames(prototype).filter((name) => {
  const { value } = Object.getOwnPropertyDescriptor(prototype, name);
  return typeof value === 'function' && name !== 'constructor';
})));

function declared(tree) {
  const names = new Set();
  const add = (pattern) => {
    switch (pattern?.type) {
      case 'Identifier': return names.add(pattern.name);
      case 'ObjectPattern': return pattern.properties.forEach((property) => add(property.value ?? property.argument));
      case 'ArrayPattern': return pattern.elements.forEach(add);
      case 'AssignmentPattern': return add(pattern.left);
      case 'RestElement': return add(pattern.argument);
      default: return undefined;
    }
  };
  ancestor(tree, {
    VariableDeclarator: ({ id }) => add(id),
    Function: ({ id, params }) => { add(id); params.forEach(add); },
    Class: ({ id }) => add(id),
    CatchClause: ({ param }) => add(param),
  });
  return names;
}

function faults(text) {
  const tree = parse(text, { ecmaVersion: 'latest', locations: true });
  const lines = text.split('\n');
  const names = declared(tree);
  const found = [];
  const fault = (node, what) => {
    if (!MARKS.some((mark) => lines[node.loc.start.line - 1].includes(mark))) found.push(`${node.loc.start.line}: ${what}`);
  };
  const trusted = ({ object }) => object.type === 'Identifier' && ['$', 'kit', 'host', 'globalThis'].includes(object.name);
  ancestor(tree, {
    ForOfStatement: (node) => fault(node, 'an iterator is asked'),
    SpreadElement: (node, _, ancestors) => {
      if (ancestors.at(-2).type !== 'ObjectExpression') fault(node, 'an iterator is asked');
    },
    ArrayPattern: (node) => fault(node, 'an iterator is asked'),
    YieldExpression: (node) => node.delegate && fault(node, 'an iterator is asked'),
    AwaitExpression: (node) => {
      const { argument } = node;
      const safe = argument.type === 'CallExpression' && argument.callee.type === 'MemberExpression' && trusted(argument.callee) && argument.callee.property.name === 'own';
      if (!safe) fault(node, 'awaited without $.own');
    },
    CallExpression: (node) => {
      const { callee } = node;
      if (callee.type !== 'MemberExpression' || callee.computed || trusted(callee) || callee.object.type === 'ThisExpression') return;
      if (METHODS.has(callee.property.name)) fault(node, `${callee.property.name} is looked up on a prototype`);
    },
    BinaryExpression: (node) => node.operator === 'instanceof' && fault(node, 'instanceof asks the function\'s realm'),
    Identifier: (node, _, ancestors) => {
      const parent = ancestors.at(-2);
      const isName = (parent.type === 'MemberExpression' && parent.property === node && !parent.computed) || (['Property', 'MethodDefinition', 'PropertyDefinition'].includes(parent.type) && parent.key === node && parent.value !== node && !parent.computed);
      if (!isName && !names.has(node.name) && !GLOBALS.has(node.name) && !SHAPED.has(node.name)) fault(node, `the global ${node.name} is used`);
    },
  });
  return found;
}

describe('the platform\'s code in the realms of functions', () => {
  it('the check sees faults', () => {
    const all = `(function x(kit, host, $) { for (const a of [1]) f(...a); const [b] = [1]; text.trim(); JSON.parse(1); x instanceof Y; (async () => { await kit.call(); })(); function* g() { yield* [1]; } })`;
    assert.equal(faults(all).length, 11);
  });

  for (const name of readdirSync(FOLDER).filter((file) => file !== '00-captures.js')) {
    it(`${name} looks nothing up that a function could have replaced`, () => {
      assert.deepEqual(faults(readFileSync(FOLDER + name, 'utf8')), []);
    });
  }
});
