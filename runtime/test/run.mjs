/** Runs the tests with the Node the workers use, whatever started this script. "--fast": those of the features only. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { ROOT, pinnedNode } from '../src/node.mjs';

const FAST = ['worker', 'compile', 'loader', 'check', 'paginate'].map((name) => `test/${name}.test.mjs`);

const all = readdirSync(`${ROOT}test`).filter((name) => name.endsWith('.test.mjs')).map((name) => `test/${name}`);
const tests = process.argv.includes('--fast') ? FAST : all;
// Node's own choice leaves one core free: on a machine with two cores it would run one file after the other.
const options = ['--test', `--test-concurrency=${Math.max(2, availableParallelism())}`];
const { status } = spawnSync(pinnedNode, [...options, ...tests], { cwd: ROOT, stdio: 'inherit' });
process.exit(status ?? 1);
