/**
 * Removes the parts of `process` that affect other processes, in case code escapes from its realm. `--permission` denies files, network,
 * child processes, threads, addons and the inspector; `--disallow-code-generation-from-strings` denies `eval` and `new Function`.
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
