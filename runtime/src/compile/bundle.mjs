/** Compiles TypeScript to one CommonJS text per function, including its helper files. */
import path from 'node:path';
import { build } from 'esbuild';
import { PACKAGES, check } from './check.mjs';
import { CompileError } from './project.mjs';

const EXTERNAL = new Set(PACKAGES);
const ASKED_LATER = new Set(['require-call', 'require-resolve', 'dynamic-import']);

// The definition helpers only add the kind. Because they are included, a bundle needs no module with this name at run time.
const HELPERS = `
  export const createSync = (definition) => ({ type: 'sync', ...definition });
  export const createAction = (definition) => ({ type: 'action', ...definition });
  export const createOnEvent = (definition) => ({ type: 'onEvent', ...definition });
`;

const OPTIONS = {
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'esnext',
  treeShaking: true,
  sourcemap: 'inline',
  write: false,
  logLevel: 'silent',
  tsconfigRaw: {}, // bundles must not depend on this machine's settings
};

const refused = (text) => ({ errors: [{ text, detail: 'disallowed_import' }] });

/**
 * Decides what every import leads to, so that nothing but the author's files gets into a bundle.
 * @param {(request: object) => object | undefined} file what a relative import leads to
 * @param {(importer: string) => string} shown how messages call the importing file
 * @param {string} free which further imports are free, in words
 */
const imports = (file, shown, free) => ({
  name: 'imports',
  setup(builder) {
    builder.onResolve({ filter: /.*/ }, (request) => {
      const { path: name, importer, kind } = request;
      if (kind === 'entry-point') return undefined;
      if (name === 'nango') return { path: 'nango', namespace: 'helpers', sideEffects: false };
      if (EXTERNAL.has(name)) return { path: name, external: true };
      if (!name.startsWith('.') && ASKED_LATER.has(kind)) return { path: name, external: true }; // refused at run time
      return name.startsWith('.') ? file(request) : refused(`${shown(importer)} imports '${name}'; functions may import ${[...EXTERNAL].join(', ')}${free}`);
    });
    builder.onLoad({ filter: /.*/, namespace: 'helpers' }, () => ({ contents: HELPERS, loader: 'js' }));
  },
});

const withinProject = (project) => imports(
  ({ path: name, importer, resolveDir }) => {
    const target = path.resolve(resolveDir, name);
    return target.startsWith(project + path.sep) ? undefined : refused(`${path.relative(project, importer)} imports '${name}', which is outside the project`);
  },
  (importer) => path.relative(project, importer),
  ' and relative files',
);

const alone = (file) => imports(
  ({ path: name }) => refused(`${file} imports '${name}', but a function given as text has no files beside it`),
  () => file,
  '',
);

function problem(entry, { errors }) {
  const [first] = errors;
  const at = first.location ? `${first.location.file}:${first.location.line}:${first.location.column + 1}: ` : '';
  const type = first.detail === 'disallowed_import' ? first.detail : 'build_failed';
  return new CompileError(entry.file, type, errors.length > 1 ? `${at}${first.text} (and ${errors.length - 1} more)` : `${at}${first.text}`);
}

async function built(entry, options) {
  await check(entry);
  try {
    const { outputFiles } = await build({ ...OPTIONS, outfile: `${entry.integration}_${entry.name}.cjs`, ...options });
    return outputFiles[0].text;
  } catch (error) {
    if (Array.isArray(error.errors)) throw problem(entry, error);
    throw error;
  }
}

/**
 * @param {string} directory the project
 * @param {{file: string, integration: string, name: string}} entry
 * @returns {Promise<string>} the bundle, with an inline source map
 */
export function bundle(directory, entry) {
  const project = path.resolve(directory);
  return built(entry, { absWorkingDir: project, entryPoints: [entry.file], plugins: [withinProject(project)] });
}

/**
 * The same for a function given as one text.
 * @param {{file: string, integration: string, name: string, source: string}} entry
 */
export function bundleText(entry) {
  return built(entry, { stdin: { contents: entry.source, loader: 'ts', sourcefile: entry.file }, plugins: [alone(entry.file)] });
}
