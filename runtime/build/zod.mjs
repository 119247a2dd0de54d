/**
 * Makes the zod that functions get: one text, which every execution evaluates in its own realm when it first requires zod.
 *
 * As published, zod does all its work at evaluation: it makes 170 constructors, and copies some 600 exports into namespaces. This
 * build makes a declaration when it is first used, and each method of a schema when it is first called, in four steps:
 *   sources.mjs      bundles the package, with a few of its lines replaced
 *   methods.mjs      moves the methods of schemas from the instances to prototypes
 *   declarations.mjs makes every declaration of the bundle when it is first used
 *   realm/           code that becomes part of the text
 *
 * What differs from the package, on purpose:
 *   - Locales other than `en` are left out: `z.locales.de` is there, and throws when it is called.
 *   - `z.config().jitless` is true: zod must not try to make code from strings, which functions may not. The code it makes otherwise does
 *     not notice a promise among the fields of an object that is parsed synchronously.
 *   - Methods of a schema are its own properties only after their first use. They stay bound: `const { parse } = schema` works.
 *   - `z.globalRegistry` is not put on `globalThis`, where zod shares it between copies of itself.
 *   - Exports are not accessors but data properties that cannot be changed.
 *   - `z.file()` accepts nothing, since functions have no files; `URL`, `atob`, `btoa` and `File` are not read from `globalThis`.
 */
import { transform } from 'esbuild';
import { bundle } from './zod/sources.mjs';
import { withSharedMethods } from './zod/methods.mjs';
import { withLazyDeclarations } from './zod/declarations.mjs';

/**
 * The body of a function `(module, exports, require)`. It sets `module.exports` to what `require('zod')` gives, and
 * `module.namespaces` to what a bundle makes of it: `plain` for `__toESM(require('zod'))`, `node` for `__toESM(require('zod'), 1)`.
 * It requires `url`, when an address is checked.
 * @returns {Promise<string>}
 */
export async function zodText() {
  const text = withLazyDeclarations(withSharedMethods(await bundle()));
  const { code } = await transform(text, { minifyWhitespace: true, target: 'esnext' }); // `minifySyntax` would drop names of functions
  return code;
}
