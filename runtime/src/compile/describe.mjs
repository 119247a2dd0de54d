/** Reads the definitions of bundles. Bundles are untrusted code, so this happens in a process with the restrictions of a worker. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { CONFINED, ROOT, pinnedNode } from '../node.mjs';

const LIMIT_MS = 60_000;
const UNREADABLE = { type: 'load_failed', message: 'The function cannot be loaded: it defines nothing that can be read' };

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The result comes from the bundle's own realm, where its code may have manipulated it. */
function isDefinition(value) {
  return isObject(value)
    && ['endpoints', 'scopes', 'webhookSubscriptions', 'handlers'].every((name) => Array.isArray(value[name])) && value.endpoints.every(isObject)
    && (value.models === undefined || (isObject(value.models) && Object.values(value.models).every(isObject)));
}

function result(described) {
  if (isDefinition(described?.definition)) return { definition: described.definition };
  const { type, message } = described?.error ?? {};
  return { error: typeof type === 'string' && typeof message === 'string' ? { type, message } : UNREADABLE };
}

/**
 * @param {{file: string, js: string}[]} entries
 * @returns {Promise<object[]>} the entries, each with `definition` or `error`
 */
export async function describe(entries) {
  const child = spawn(pinnedNode, [
    ...CONFINED, '--max-old-space-size=512', `${ROOT}src/compile/reader.mjs`,
  ], { cwd: ROOT, env: {}, stdio: ['pipe', 'pipe', 'pipe'], timeout: LIMIT_MS, killSignal: 'SIGKILL' });
  child.stdin.on('error', () => undefined); // a child that has died printed the reason on its error output
  child.stdin.end(JSON.stringify(entries.map(({ file, js }) => ({ file, js }))));
  const [answer, problems] = await Promise.all([text(child.stdout), text(child.stderr)]);
  let definitions;
  try {
    definitions = JSON.parse(answer);
  } catch {
    throw new Error(`The functions could not be read: ${problems.trim() || 'the process ended or took too long'}`);
  }
  return entries.map((entry, index) => ({ ...entry, ...result(definitions[index]) }));
}
