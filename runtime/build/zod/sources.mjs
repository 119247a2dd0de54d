/** Bundles zod into one scope, with a few changed source lines. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** The changes below were made for this version; check each of them for another one. */
const VERSION = '4.3.6';
const manifest = createRequire(import.meta.url).resolve('zod/package.json');
const V4 = path.join(path.dirname(manifest), 'v4');
const realm = (name) => fileURLToPath(new URL(`./realm/${name}`, import.meta.url));

/** Replaced lines of zod: `[text, replacement]` for each file. Each must occur exactly once. */
const CHANGES = {
  // Locales and settings exist from the start, because nothing runs when the text is evaluated.
  'classic/external.js': [['config(en());', '']],
  'core/core.js': [
    ['export const globalConfig = {};', 'import en from "../locales/en.js";\nexport const globalConfig = { ...en(), jitless: true };'],
    [/export \/\*@__NO_SIDE_EFFECTS__\*\/ function \$constructor\([\s\S]*?\n}\n/, `export { $constructor } from ${JSON.stringify(realm('constructor.mjs'))};\n`],
  ],
  'core/registries.js': [
    ['var _a;\n', ''],
    ['(_a = globalThis).__zod_globalRegistry ?? (_a.__zod_globalRegistry = registry());\n', ''],
    ['globalThis.__zod_globalRegistry;', 'registry();'],
  ],
  'classic/compat.js': [
    ['export var ZodFirstPartyTypeKind;', 'export const ZodFirstPartyTypeKind = {};'],
    [/\(function \(ZodFirstPartyTypeKind\) {\s*}\)\(.*\);\n/, ''],
  ],
  // An object with all schemas would create all of them.
  'classic/from-json-schema.js': [[/const z = {[^}]*};/, 'import * as z from "millrace:schemas";']],
};

/** The changed file. */
function changed(file) {
  let text = readFileSync(path.join(V4, file), 'utf8');
  for (const [what, by] of CHANGES[file]) {
    const parts = text.split(what);
    if (parts.length !== 2) throw new Error(`zod's ${file} has ${parts.length - 1} times: ${what}`);
    text = parts.join(by);
  }
  return text;
}

/** English; for every other locale a function that says why it is missing. */
function locales() {
  const names = readFileSync(path.join(V4, 'locales/index.js'), 'utf8').matchAll(/export { default as (\w+) }/g);
  const others = [...names].map(([, name]) => name).filter((name) => name !== 'en');
  const absent = (name) => `export const ${name} = () => {
  throw new Error("zod's locale '${name}' is not available in functions, only 'en' is");
};
`;
  return `export { default as en } from './en.js';\n${others.map(absent).join('')}`;
}

const sources = {
  name: 'sources',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^millrace:schemas$/ }, () => ({ path: path.join(V4, 'classic/all.js'), namespace: 'schemas' }));
    onLoad({ filter: /.*/, namespace: 'schemas' }, () => ({
      contents: "export * from './schemas.js'; export * from './checks.js'; export * as iso from './iso.js';", resolveDir: path.join(V4, 'classic'),
    }));
    onLoad({ filter: /\/zod\/v4\/locales\/index\.js$/ }, () => ({ contents: locales(), resolveDir: path.join(V4, 'locales') }));
    onLoad({ filter: /\/zod\/v4\/(core|classic)\/[\w-]+\.js$/ }, ({ path: file }) => {
      const name = path.relative(V4, file).replaceAll('\\', '/');
      return Object.hasOwn(CHANGES, name) ? { contents: changed(name) } : undefined;
    });
  },
};

/**
 * @returns {Promise<string>} a module without imports that exports zod as the namespace `external`, and `namespace` of realm/namespace.mjs
 */
export async function bundle() {
  const { version } = JSON.parse(readFileSync(manifest, 'utf8'));
  if (version !== VERSION) throw new Error(`build/zod is made for zod ${VERSION}, not ${version}`);
  const entry = `
    export * as external from ${JSON.stringify(path.join(V4, 'classic/external.js'))};
    export { namespace } from ${JSON.stringify(realm('namespace.mjs'))};
    export { withMethods, keep, keepHidden } from ${JSON.stringify(realm('constructor.mjs'))};
  `;
  const { outputFiles } = await build({
    stdin: { contents: entry, resolveDir: V4 },
    inject: [realm('globals.mjs')],
    plugins: [sources],
    bundle: true, format: 'esm', platform: 'neutral', target: 'esnext', write: false,
  });
  return outputFiles[0].text;
}
