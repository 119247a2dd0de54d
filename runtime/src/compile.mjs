/**
 * Compiles a project of functions: `node src/compile.mjs <project> [<integration>/<folder>/<name>.ts ...]`.
 * Prints one JSON object, `{flowConfigs, onEventScriptsByProvider}` as the deploy routes take them; with `errors`, each
 * `{file, type, message}`, and exit status 1 when something is wrong.
 */
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundle } from './compile/bundle.mjs';
import { deployment } from './compile/deployment.mjs';
import { describe } from './compile/describe.mjs';
import { CompileError, entriesOf } from './compile/project.mjs';

/**
 * @param {string} project folder of the project
 * @param {string[]} [wanted] entries to compile instead of those index.ts names
 */
export async function compile(project, wanted = []) {
  const errors = [];
  const kept = (error) => {
    if (!(error instanceof CompileError)) throw error;
    errors.push({ file: error.file, type: error.type, message: error.message });
  };
  const bundled = [];
  try {
    for (const entry of entriesOf(project, wanted)) {
      try {
        bundled.push({ ...entry, js: await bundle(project, entry) });
      } catch (error) {
        kept(error);
      }
    }
  } catch (error) {
    kept(error);
  }
  const described = bundled.length === 0 ? [] : await describe(bundled);
  const result = deployment(described, kept);
  return errors.length === 0 ? result : { ...result, errors };
}

const started = process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url);
if (started) {
  const [project, ...wanted] = process.argv.slice(2);
  if (!project) {
    process.stderr.write('Usage: node src/compile.mjs <project> [entry.ts ...]\n');
    process.exitCode = 2;
  } else {
    const result = await compile(project, wanted);
    process.stdout.write(`${JSON.stringify(result)}\n`);
    process.exitCode = result.errors ? 1 : 0;
  }
}
