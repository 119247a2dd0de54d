/**
 * Takes from the worker process what code must never get at, should it find a way out of its realm: the parts of `process` that
 * reach other processes. Files, network, child processes, threads, addons and the inspector are shut by `--permission`, `eval` and
 * `new Function` by `--disallow-code-generation-from-strings`.
 */

/** The parts of `process` that Node itself still uses, and those that end this process. */
const PROCESS_KEEPS = new Set([
  '_fatalException', '_tickCallback', 'chdir', 'cpuUsage', 'cwd', 'emitWarning', 'hrtime', 'memoryUsage', 'nextTick', 'reallyExit', 'umask',
  'uptime',
]);

const fix = (target, name, value) => Object.defineProperty(target, name, { value, writable: false, configurable: false });

/** To be called once the worker is set up; it cannot be undone. */
export function lockdown() {
  for (const name of Object.getOwnPropertyNames(process)) {
    const { value, configurable } = Object.getOwnPropertyDescriptor(process, name);
    if (typeof value === 'function' && configurable && !PROCESS_KEEPS.has(name)) fix(process, name, undefined);
  }
  fix(process, 'report', undefined);
}
