import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { millraceUrl, secretKey } from './environment.mjs';

const examples = fileURLToPath(new URL('../../examples', import.meta.url));
const modules = fileURLToPath(new URL('../node_modules', import.meta.url));

const QUIET = ['--no-telemetry', '--no-dependency-update', '--no-interactive', '--auto-confirm'];

/** A temporary copy of the example project, since the CLI writes into the folder it works in. */
export async function exampleProject() {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-examples-'));
  await cp(examples, folder, {
    recursive: true,
    filter: (source) => !/[\\/](node_modules|build)$/.test(source)
  });
  await symlink(modules, join(folder, 'node_modules'), 'junction');
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** A temporary folder with what `nango init` makes; the packages are those of the tests. */
export async function initProject() {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-init-'));
  await symlink(modules, join(folder, 'node_modules'), 'junction');
  const { code, output } = await cli(folder, 'init', '.', '--copy');
  if (code !== 0) {
    throw new Error(`nango init ended with ${code}:\n${output}`);
  }
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** Runs the official CLI in a folder and answers how it ended; it is kept from asking anybody but our server. */
export function cli(folder, ...args) {
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    NO_COLOR: '1',
    NANGO_CLI_UPGRADE_MODE: 'ignore',
    NANGO_HOSTPORT: millraceUrl,
    NANGO_SECRET_KEY_DEV: secretKey
  };
  const program = join(folder, 'node_modules', 'nango', 'dist', 'index.js');
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args, ...QUIET], { cwd: folder, env }, (error, stdout, stderr) => {
      resolve({ code: error ? (error.code ?? error.signal) : 0, output: stdout + stderr });
    });
  });
}

/** Deploys the examples into the environment of the key. */
export async function deployExamples() {
  const project = await exampleProject();
  try {
    const { code, output } = await cli(project.folder, 'deploy', 'dev');
    if (code !== 0) {
      throw new Error(`the deploy ended with ${code}:\n${output}`);
    }
  } finally {
    await project.remove();
  }
}
