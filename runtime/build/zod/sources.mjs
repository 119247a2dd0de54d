/** Bundles zod into one scope, from a few changed sources. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** The changes below were made for this version; another one needs a look at each of them. */
const VERSION = '4.3.6';
const manifest = createRequire(import.meta.url).resolve('zod/package.json');
const V4 = path.join(path.dirname(manifest), 'v4');
const realm = (name) => fileURLToPath(new URL(`./realm/${name}`, import.meta.url));

/** Lines of zod that are replaced: `[what, by what]`, for each file. Each must be there exactly once. */
const CHANGES = {
  // Locales and settings are there from the start: nothing runs when the text is evaluated.
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
  // An object of all schemas would make them all.
  'classic/from-json-schema.js': [[/const z = {[^}]*};/, 'import * as z from "millrace:schemas";']],
  // Both parts of `~standard` are made when it is asked for, rather than for every schema.
  'core/schemas.js': [
    [/util\.defineLazy\(inst, "~standard", \(\) => \(({[\s\S]*?\n {4}})\)\);/, 'util.defineLazy(inst, "~standard", () => standard(inst));'],
    [/$/, `
export function standard(inst) {
    return {
        validate: (value) => {
            try {
                const r = safeParse(inst, value);
                return r.success ? { value: r.data } : { issues: r.error?.issues };
            }
            catch (_) {
                return safeParseAsync(inst, value).then((r) => (r.success ? { value: r.data } : { issues: r.error?.issues }));
            }
        },
        vendor: "zod",
        version: 1,
    };
}
`],
  ],
};
