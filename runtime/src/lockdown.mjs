/**
 * Takes from the worker process what function code must never get at, should it find a way to a host object:
 * the network (everything outgoing passes through the platform, which guards and logs it) and the parts of `process`
 * that reach other processes or native code. The file system, child processes, threads, addons and the inspector are
 * already shut by `--permission`, `eval` and `new Function` by `--disallow-code-generation-from-strings`.
 */
import dgram from 'node:dgram';
import dns from 'node:dns';
import net from 'node:net';

// Not chdir: Node itself replaces it when soap makes it load its thread support.
const PROCESS_PARTS = [
  'abort', 'binding', '_linkedBinding', 'debugPort', '_debugEnd', '_debugProcess', 'dlopen', 'exit', 'execve',
  'getBuiltinModule', 'kill', '_kill', 'loadEnvFile', 'mainModule', 'reallyExit', 'report', 'setegid', 'seteuid',
  'setgid', 'setgroups', 'initgroups', 'setuid', '_startProfilerIdleNotifier', '_rawDebug',
];

function refuse() {
  throw new Error('The network is reached through the nango object only');
}

function seal(target, names) {
  for (const name of names) {
    if (typeof target?.[name] !== 'function') continue;
    Object.defineProperty(target, name, { value: refuse, writable: false, configurable: false });
  }
}

/** Call once the worker has its connection to the platform; there is no way back. */
export function lockdown() {
  seal(net.Socket.prototype, ['connect']);
  seal(net.Server.prototype, ['listen']);
  seal(net, ['connect', 'createConnection', 'createServer']);
  seal(dgram.Socket.prototype, ['bind', 'connect', 'send', 'sendto']);
  for (const resolver of [dns, dns.promises, dns.Resolver.prototype, dns.promises.Resolver.prototype]) {
    seal(resolver, Object.getOwnPropertyNames(resolver).filter((name) => /^(lookup|resolve|reverse)/.test(name)));
  }
  for (const part of PROCESS_PARTS) {
    if (part in process) Object.defineProperty(process, part, { value: undefined, writable: false, configurable: false });
  }
  // Waiting for a shared cell would stop the event loop without using any CPU time, which no watchdog could tell from idling.
  Object.defineProperty(Atomics, 'wait', { value: undefined, writable: false, configurable: false });
}
