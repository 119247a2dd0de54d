/** Takes dynamic imports out of function code: Node answers them with objects of the worker's own realm. */
import { parse } from 'acorn';
import { simple } from 'acorn-walk';

/** As long as the keyword, so that positions in stack traces stay as they are; a parameter of the wrapper. */
export const IMPORT = 'imp0rt';

const MENTIONED = /\bimport\b/;
const OPTIONS = { ecmaVersion: 'latest', sourceType: 'script', allowReturnOutsideFunction: true, allowAwaitOutsideFunction: true };

/**
 * @param {string} code
 * @returns {string} the code with every `import(…)` turned into a call of {@link IMPORT}
 * @throws {SyntaxError} when the word occurs in code that only a newer parser would understand
 */
export function withoutImports(code) {
  if (!MENTIONED.test(code)) return code;
  const starts = [];
  simple(parse(code, OPTIONS), { ImportExpression: ({ start }) => starts.push(start) });
  let text = code;
  for (const start of starts) text = `${text.slice(0, start)}${IMPORT}${text.slice(start + IMPORT.length)}`;
  return text;
}
