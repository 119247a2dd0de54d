/** Runs the tests with the Node the workers use: the one pinned by the lock file, whatever started this script. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const pinned = readdirSync(`${root}/node_modules`)
  .filter((name) => name.startsWith('node-'))
  .map((name) => `${root}/node_modules/${name}/bin/node`)
  .find((file) => existsSync(file));
const tests = readdirSync(`${root}/test`).filter((name) => name.endsWith('.test.mjs')).map((name) => `test/${name}`);
const { status } = spawnSync(pinned ?? process.execPath, ['--test', ...tests], { cwd: root, stdio: 'inherit' });
process.exit(status ?? 1);
