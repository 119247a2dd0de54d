/**
 * The code that bundlers generate for `import * as z from 'zod'` copies zod name by name, with 240 getters for every execution. That is a
 * third of the time to prepare an execution. The copy is always the same, so bundles get an existing one.
 */

/** A parameter of the wrapper: the copies, by the form of the bundler's call. */
export const NAMESPACE = 'nam3space';

/** A statement on a line of its own, so that no position after it changes. */
const COPY = /^((?:var|const|let) [\w$]+ = )__toESM\(require\("zod"\)(, 1)?\);$/gm;

/**
 * @param {string} code
 * @returns {string} the code with such lines naming the copy instead
 */
export function withNamespaces(code) {
  return code.replace(COPY, (line, start, node) => `${start}${NAMESPACE}.${node ? 'node' : 'plain'};`);
}
