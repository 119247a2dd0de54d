/** TypeScript to one CommonJS text per function, with its helper files inside. */
import path from 'node:path';
import { build } from 'esbuild';
import { CompileError } from './project.mjs';

const EXTERNAL = new Set(['zod', 'url', 'node:url', 'crypto', 'node:crypto', 'unzipper', 'soap', 'botbuilder']);

// The definition helpers only add the kind. With them inside, a bundle needs no module of this name where it runs.
const HELPERS = `
  export const createSync = (definition) => ({ type: 'sync', ...definition });
  export const createAction = (definition) => ({ type: 'action', ...definition });
  export const createOnEvent = (definition) => ({ type: 'onEvent', ...definition });
`;

/** Decides what every import leads to, so that nothing outside the project gets into a bundle. */
const imports = (project) => ({
  name: 'imports',
  setup(builder) {
    builder.onResolve({ filter: /.*/ }, ({ path: name, importer, kind, resolveDir }) => {
      if (kind === 'entry-point') return undefined;
      if (name === 'nango') return { path: 'nango', namespace: 'helpers', sideEffects: false };
      if (EXTERNAL.has(name)) return { path: name, external: true };
      const where = path.relative(project, importer);
      if (!name.startsWith('.')) return { errors: [{ text: `${where} imports '${name}'; functions may import ${[...EXTERNAL].join(', ')} and relative files`, detail: 'disallowed_import' }] };
      const target = path.resolve(resolveDir, name);
      if (!target.startsWith(project + path.sep)) return { errors: [{ text: `${where} imports '${name}', which is outside the project`, detail: 'disallowed_import' }] };
      return undefined;
    });
    builder.onLoad({ filter: /.*/, namespace: 'helpers' }, () => ({ contents: HELPERS, loader: 'js' }));
  },
});

function problem(entry, { errors }) {
  const [first] = errors;
  const at = first.location ? `${first.location.file}:${first.location.line}:${first.location.column + 1}: ` : '';
  const type = first.detail === 'disallowed_import' ? first.detail : 'build_failed';
  return new CompileError(entry.file, type, errors.length > 1 ? `${at}${first.text} (and ${errors.length - 1} more)` : `${at}${first.text}`);
}

/**
 * @param {string} directory the project
 * @param {{file: string}} entry
 * @returns {Promise<string>} the bundle, with an inline source map
 */
export async function bundle(directory, entry) {
  const project = path.resolve(directory);
  try {
    const { outputFiles } = await build({
      absWorkingDir: project,
      entryPoints: [entry.file],
      bundle: true,
      format: 'cjs',
      platform: 'node',
      target: 'esnext',
      treeShaking: true,
      sourcemap: 'inline',
      outfile: `${entry.integration}_${entry.name}.cjs`,
      write: false,
      logLevel: 'silent',
      tsconfigRaw: {}, // bundles must not depend on settings this machine happens to have
      plugins: [imports(project)],
    });
    return outputFiles[0].text;
  } catch (error) {
    if (Array.isArray(error.errors)) throw problem(entry, error);
    throw error;
  }
}
