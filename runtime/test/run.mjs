/** Runs the tests with the Node the workers use, whatever started this script. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { ROOT, pinnedNode } from '../src/node.mjs';

const tests = readdirSync(`${ROOT}test`).filter((name) => name.endsWith('.test.mjs')).map((name) => `test/${name}`);
const { status } = spawnSync(pinnedNode, ['--test', ...tests], { cwd: ROOT, stdio: 'inherit' });
process.exit(status ?? 1);
