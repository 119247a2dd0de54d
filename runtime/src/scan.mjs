/**
 * Reads a JSON array of JavaScript texts from standard input and prints a JSON array with the positions of those that
 * call a `constructor` member with arguments: the way to build functions from text. Code that cannot be parsed passes.
 */
import { parse } from 'acorn';
import { ancestor } from 'acorn-walk';

const WORD = 'constructor';

/** The text a constant expression stands for, or undefined. */
function constant(node) {
  switch (node?.type) {
    case 'Literal':
      return typeof node.value === 'string' ? node.value : undefined;
    case 'TemplateLiteral': {
      const parts = node.expressions.map(constant);
      if (parts.includes(undefined)) return undefined;
      return node.quasis.map((quasi, index) => quasi.value.cooked + (parts[index] ?? '')).join('');
    }
    case 'BinaryExpression': {
      if (node.operator !== '+') return undefined;
      const [left, right] = [constant(node.left), constant(node.right)];
      return left === undefined || right === undefined ? undefined : left + right;
    }
    case 'ParenthesizedExpression':
      return constant(node.expression);
    default:
      return undefined;
  }
}

/** `a.constructor`, `a['constructor']`, `a?.['con' + 'structor']`. */
function isConstructorMember(node) {
  if (node?.type === 'ChainExpression' || node?.type === 'ParenthesizedExpression') return isConstructorMember(node.expression);
  if (node?.type !== 'MemberExpression') return false;
  return node.computed ? constant(node.property) === WORD : node.property.name === WORD;
}

function isRefused(code) {
  let tree;
  try {
    tree = parse(code, { ecmaVersion: 'latest', sourceType: 'script', allowReturnOutsideFunction: true, allowHashBang: true });
  } catch {
    return false;
  }
  const aliases = new Set();
  ancestor(tree, {
    VariableDeclarator(node) {
      if (node.id.type === 'Identifier' && isConstructorMember(node.init)) aliases.add(node.id.name);
    },
  });
  let refused = false;
  const look = (node) => {
    const named = node.callee.type === 'Identifier' && aliases.has(node.callee.name);
    // Classes make more of their own kind by `new this.constructor(…)`.
    const ownKind = node.type === 'NewExpression' && node.callee.object?.type === 'ThisExpression';
    if (node.arguments.length > 0 && !ownKind && (named || isConstructorMember(node.callee))) refused = true;
  };
  ancestor(tree, { CallExpression: look, NewExpression: look });
  return refused;
}

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const scripts = JSON.parse(Buffer.concat(chunks).toString('utf8'));
process.stdout.write(JSON.stringify(scripts.flatMap((code, index) => (isRefused(code) ? [index] : []))));
