/**
 * Takes from the worker process what function code must never get at, should it find a way to a host object: the network
 * (everything outgoing passes through the platform, which guards and logs it), the parts of `process` that reach other
 * processes or the socket to the platform, and the chance to leave something behind for the next execution. The file
 * system, child processes, threads, addons and the inspector are already shut by `--permission`, `eval` and `new Function`
 * by `--disallow-code-generation-from-strings`.
 */
import crypto from 'node:crypto';
import dgram from 'node:dgram';
import dns from 'node:dns';
import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import net from 'node:net';
import stream from 'node:stream';
import url from 'node:url';
import util from 'node:util';
import vm from 'node:vm';
import zlib from 'node:zlib';

const harden = new vm.Script(readFileSync(new URL('./harden.js', import.meta.url), 'utf8'), { filename: 'millrace:harden.js' }).runInThisContext();

/** What Node and the packages functions may require still use of `process`. */
const PROCESS_KEEPS = new Set([
  '_fatalException', '_tickCallback', 'chdir', 'cpuUsage', 'cwd', 'emitWarning', 'hrtime', 'memoryUsage', 'nextTick', 'reallyExit', 'umask',
  'uptime',
]);

function refuse() {
  throw new Error('The network is reached through the nango object only');
}

const fix = (target, name, value) => Object.defineProperty(target, name, { value, writable: false, configurable: false });

function seal(target, names) {
  for (const name of names) {
    if (typeof target?.[name] === 'function') fix(target, name, refuse);
  }
}

function sealNetwork() {
  seal(net.Socket.prototype, ['connect']);
  seal(net.Server.prototype, ['listen']);
  seal(net, ['connect', 'createConnection', 'createServer']);
  seal(dgram.Socket.prototype, ['bind', 'connect', 'send', 'sendto']);
  for (const resolver of [dns, dns.promises, dns.Resolver.prototype, dns.promises.Resolver.prototype]) {
    seal(resolver, Object.getOwnPropertyNames(resolver).filter((name) => /^(lookup|resolve|reverse)/.test(name)));
  }
}

function sealProcess() {
  for (const name of Object.getOwnPropertyNames(process)) {
    const { value, configurable } = Object.getOwnPropertyDescriptor(process, name);
    if (typeof value === 'function' && configurable && !PROCESS_KEEPS.has(name)) fix(process, name, undefined);
  }
  fix(process, 'report', undefined);
}

/**
 * Gives an emitter its methods as properties of its own: who replaces `emit` or `write` on a prototype that function code
 * can reach must not be handed this object as `this`.
 */
function pin(emitter) {
  for (let proto = Object.getPrototypeOf(emitter); proto && proto !== Object.prototype; proto = Object.getPrototypeOf(proto)) {
    for (const name of Object.getOwnPropertyNames(proto)) {
      const { value } = Object.getOwnPropertyDescriptor(proto, name);
      if (typeof value === 'function' && name !== 'constructor' && !Object.hasOwn(emitter, name)) {
        Object.defineProperty(emitter, name, { value, writable: true, configurable: true, enumerable: false });
      }
    }
  }
}

/**
 * Call once the worker has its connection to the platform; there is no way back.
 * @param {import('node:net').Socket} [socket]
 */
export function lockdown(socket) {
  sealNetwork();
  sealProcess();
  pin(process);
  if (socket) pin(socket);
  // Waiting for a shared cell would stop the event loop without using any CPU time, which no watchdog could tell from idling.
  fix(Atomics, 'wait', undefined);
  // Small Buffers usually share one allocation, and `.buffer` would show what other executions had in it.
  fix(Buffer, 'poolSize', 0);
  // soap, botbuilder and unzipper are objects of this realm; what they lead to must not be changed under our own code.
  const { resolve } = createRequire(import.meta.url);
  createRequire(resolve('unzipper'))('bluebird/js/release/errors.js'); // leaves its classes on Error, where no one can any more
  harden(
    [Buffer, URL, URLSearchParams, EventEmitter, stream, crypto, url, zlib, util],
    [Buffer, EventEmitter, stream.Stream, stream.Readable, stream.Writable, stream.Duplex, stream.Transform, stream.PassThrough],
    true,
  );
}
