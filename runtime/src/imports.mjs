/** Replaces dynamic imports in function code, because Node's results and errors are objects of the worker's own realm. */
import { parse } from 'acorn';
import { simple } from 'acorn-walk';

/** A parameter of the wrapper. It is as long as the keyword, so that positions in stack traces do not change. */
export const IMPORT = 'imp0rt';

const MENTIONED = /\bimport\b/;
const OPTIONS = { ecmaVersion: 'latest', sourceType: 'script', allowReturnOutsideFunction: true };

/**
 * @param {string} code
 * @returns {string} the code with every `import(…)` turned into a call of {@link IMPORT}
 * @throws {SyntaxError} when the word occurs in code that only a newer parser would understand
 */
export function withoutImports(code) {
  if (!MENTIONED.test(code)) return code;
  const starts = [];
  simple(parse(code, OPTIONS), { ImportExpression: ({ start }) => starts.push(start) });
  starts.sort((a, b) => a - b);
  const parts = [];
  let from = 0;
  for (const start of starts) {
    parts.push(code.slice(from, start), IMPORT);
    from = start + IMPORT.length;
  }
  return parts.join('') + code.slice(from);
}

/**
 * The parser may take code for a string or a pattern. An escaped word has the same meaning in strings, patterns, comments and names, but is
 * not a keyword. The word is therefore escaped everywhere, and the engine's own parser shows whether an import is left.
 * @param {string} code the result of `withoutImports`
 * @param {(code: string) => void} compile throws a SyntaxError for code that the engine refuses
 * @throws {SyntaxError} when an import is left
 */
export function refuseImports(code, compile) {
  if (!MENTIONED.test(code)) return;
  try {
    compile(code.replace(/\bimport\b/g, '\\u0069mport'));
  } catch {
    throw new SyntaxError('The code holds an import that cannot be taken out of it');
  }
}
