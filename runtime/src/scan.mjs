/**
 * Finds code that calls a member `constructor` with arguments, which is a way to create functions from text. Each line of standard input is
 * a JSON array of JavaScript texts. The result for each is a line with a JSON array of the positions of texts with such calls. Code that
 * cannot be parsed is not reported.
 */
import { parse } from 'acorn';
import { ancestor } from 'acorn-walk';
import { lockdown } from './lockdown.mjs';

const WORD = 'constructor';

/** The text of a constant expression, or undefined. */
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
  const tree = parse(code, { ecmaVersion: 'latest', sourceType: 'script', allowReturnOutsideFunction: true, allowHashBang: true });
  const aliases = new Set();
  ancestor(tree, {
    VariableDeclarator(node) {
      if (node.id.type === 'Identifier' && isConstructorMember(node.init)) aliases.add(node.id.name);
    },
  });
  let found = false;
  const look = (node) => {
    const named = node.callee.type === 'Identifier' && aliases.has(node.callee.name);
    // Classes create instances of themselves by `new this.constructor(…)`.
    const ownKind = node.type === 'NewExpression' && node.callee.object?.type === 'ThisExpression';
    if (node.arguments.length > 0 && !ownKind && (named || isConstructorMember(node.callee))) found = true;
  };
  ancestor(tree, { CallExpression: look, NewExpression: look });
  return found;
}

function passes(code) {
  try {
    return !isRefused(code);
  } catch {
    return true; // not JavaScript, or nested too deeply to be parsed
  }
}

/** Splits at line feeds only, because JSON text may contain other line separators. */
async function* lines(stream) {
  let rest = '';
  for await (const chunk of stream) {
    const [first, ...more] = chunk.split('\n');
    rest += first;
    for (const next of more) {
      yield rest;
      rest = next;
    }
  }
}

process.on('SIGTERM', () => {}); // the platform ends this process
const { stdin, stdout } = process;
lockdown();
for await (const line of lines(stdin.setEncoding('utf8'))) {
  stdout.write(`${JSON.stringify(JSON.parse(line).flatMap((code, index) => (passes(code) ? [] : [index])))}\n`);
}
