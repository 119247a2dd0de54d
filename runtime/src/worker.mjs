/**
 * A worker process: executes the functions of one environment for the platform at the other end of a unix socket.
 * Usage: `node --permission --allow-fs-read=<runtime> --disallow-code-generation-from-strings src/worker.mjs <socket>`.
 *
 * A socket rather than stdin and stdout: it can be written without blocking the event loop here, and without pinning
 * a carrier thread in the JVM; the permission model lets it pass.
 */
import net from 'node:net';
import { compile } from './context.mjs';
import { Execution } from './execution.mjs';
import { Decoder, Type, encode } from './frames.mjs';
import { lockdown } from './lockdown.mjs';
import { Outbox } from './outbox.mjs';
import { Positions } from './positions.mjs';

const HEARTBEAT_MS = 250;
const PREPARED_PER_SCRIPT = 2;
const PREPARED_IN_ALL = 16;
const MOST_UNREAD = 4 * 1024 * 1024;

// A Ctrl-C in the terminal reaches the whole process group, and a service manager's SIGTERM all of a service's processes; the
// platform ends its workers itself, once it is done.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});

const exit = process.exit.bind(process);
const socket = net.connect(process.argv[2]);
socket.setMaxListeners(0);
const decoder = new Decoder();
/** hash → {script, positions} or {failure}: what a bundle compiled to */
const scripts = new Map();
/** hash → executions that only wait for their input, most recently used hash last */
const prepared = new Map();
const running = new Map();
let entered = 0;
let beating;

const link = { send, enter, ended, congested, outbox: new Outbox() };

function send(type, execution, call, head, body) {
  socket.write(encode(type, execution, call, head, body));
}

/** Whether too much waits to be read by the platform; `drained` is called when it has been. */
function congested(drained) {
  if (socket.writableLength < MOST_UNREAD) return false;
  socket.once('drain', drained);
  return true;
}

/** Tells whose code is about to run, so that an endless loop can be blamed on one of several executions. */
function enter(execution) {
  if (entered === execution || running.size < 2) return;
  entered = execution;
  send(Type.ENTER, execution, 0, '{}');
}

function register({ hash, file }, body) {
  if (scripts.has(hash) || body.length === 0) return scripts.get(hash);
  let entry;
  try {
    const code = body.toString('utf8');
    entry = { hash, script: compile(code, file), positions: new Positions(file, code), timed: false };
  } catch (error) {
    entry = { hash, failure: { type: 'script_internal_error', payload: { name: error.name, message: error.message }, status: 500 } };
  }
  scripts.set(hash, entry);
  return entry;
}

function take(entry) {
  const ready = prepared.get(entry.hash)?.shift();
  if (ready) return ready;
  const fresh = new Execution(entry, link);
  entry.timed = fresh.timed;
  return fresh;
}

function run(id, headText, body) {
  const head = JSON.parse(headText);
  const entry = register(head, body) ?? { failure: { type: 'function_runtime_other', payload: { message: 'The code is unknown to this worker' }, status: 500 } };
  if (entry.failure) {
    send(Type.FAILED, id, 0, JSON.stringify(entry.failure));
    return;
  }
  entered = 0;
  const execution = take(entry);
  execution.entry = entry;
  running.set(id, execution);
  execution.start(id, headText);
}

function ended(execution) {
  running.delete(execution.id);
  setImmediate(prepare, execution.entry);
}

/** Makes one spare execution of a script that is in use; a busy worker gets round to it between two others. */
function prepare(entry) {
  if (entry.timed || entry.failure) return;
  const spares = prepared.get(entry.hash) ?? [];
  prepared.delete(entry.hash);
  prepared.set(entry.hash, spares);
  if (spares.length >= PREPARED_PER_SCRIPT) return;
  const spare = new Execution(entry, link);
  entry.timed = spare.timed;
  if (spare.timed) {
    spare.discard();
    prepared.delete(entry.hash);
    return;
  }
  spares.push(spare);
  evict();
  if (spares.length < PREPARED_PER_SCRIPT) setImmediate(prepare, entry);
}

function evict() {
  let count = 0;
  for (const spares of prepared.values()) count += spares.length;
  for (const [hash, spares] of prepared) {
    if (count <= PREPARED_IN_ALL) return;
    for (const spare of spares) spare.discard();
    count -= spares.length;
    prepared.delete(hash);
  }
}

/** A spare process has nobody yet who reads its heartbeats: they start with its first work. */
function beat() {
  beating ??= setInterval(() => send(Type.HEARTBEAT, 0, 0, '{}'), HEARTBEAT_MS);
}

function receive({ type, execution, call, head, body }) {
  switch (type) {
    case Type.RUN:
      beat();
      return run(execution, head, body);
    case Type.REPLY:
      return running.get(execution)?.reply(call, head, body);
    case Type.PART:
      return running.get(execution)?.part(call, body);
    case Type.ERROR_REPLY:
      return running.get(execution)?.errorReply(call, head);
    case Type.ABORT:
      return running.get(execution)?.abort();
    case Type.PREPARE: {
      const entry = register(JSON.parse(head), body);
      if (entry) setImmediate(prepare, entry);
      return undefined;
    }
    case Type.SHUTDOWN:
      return exit(0);
    default:
      throw new Error(`Unknown frame type ${type}`);
  }
}

// What nobody awaits is no part of a result, and one function must not end the others.
process.on('unhandledRejection', () => undefined);
process.on('uncaughtException', (error) => process.stderr.write(`uncaught: ${String(error?.stack ?? error).slice(0, 2_000)}\n`));

socket.on('data', (chunk) => decoder.push(chunk, receive));
socket.on('close', () => exit(0));
socket.on('error', () => exit(1));
socket.on('connect', () => {
  lockdown(socket);
  send(Type.READY, 0, 0, JSON.stringify({ pid: process.pid, node: process.versions.node }));
});
