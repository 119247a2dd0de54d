/**
 * A worker process: executes the functions of one environment. It exchanges frames with the platform over standard input and output, which
 * are pipes. It is started with the options `CONFINED` of node.mjs.
 */
import { Execution } from './execution.mjs';
import { Decoder, Type, encode } from './frames.mjs';
import { lockdown } from './lockdown.mjs';
import { Outbox } from './outbox.mjs';
import { Positions } from './positions.mjs';
import { compile } from './realm.mjs';

const HEARTBEAT_MS = 250;
const PREPARED_PER_SCRIPT = 2;
const PREPARED_IN_ALL = 16;
const MOST_UNREAD = 4 * 1024 * 1024;
/** After code that ran longer than this, a signal for it may still arrive. */
const LONG_MS = 1_000;
const SIGNAL_MS = 5_000;

// A service manager's SIGTERM reaches all processes of a service; the platform ends its workers itself when it is done. The platform sends
// SIGINT to end the function code that is running.
process.on('SIGTERM', () => {});
if (process.platform !== 'linux') process.on('SIGINT', () => {}); // Ctrl-C reaches the whole process group; on Linux workers have a session of their own

const exit = process.exit.bind(process);
const { stdin: input, stdout: output } = process;
output.setMaxListeners(0);
const decoder = new Decoder();
/** hash → {script, positions} or {failure}: the result of compiling a bundle */
const scripts = new Map();
/**
 * Watching Temporal would create it, which takes half a millisecond for every execution; code that names it counts as reading the clock.
 */
const NAMES_CLOCK = /\bTemporal\b/;
/** hash → executions that only wait for their input, most recently used hash last */
const prepared = new Map();
const running = new Map();
let entered = 0;
let beating;
let beaten = 0;
let late;
/** The number of calls from realms into the worker's own code that are in progress. */
let inside = 0;

const link = { send, write, enter, left, ended, congested, within, interrupted, outbox: new Outbox() };

function write(frame) {
  output.write(frame);
}

function send(type, execution, call, head, body) {
  write(encode(type, execution, call, head, body));
}

/** Whether too much output is waiting for the platform; `drained` is called when it has been read. */
function congested(drained) {
  if (output.writableLength < MOST_UNREAD) return false;
  output.once('drain', drained);
  return true;
}

/** Marks code that changes state shared by all executions. */
function within(change) {
  return (...args) => {
    inside += 1;
    try {
      return change(...args);
    } finally {
      inside -= 1; // not reached when the call is ended by a signal
    }
  };
}

/** A signal that arrives after the code for which it was sent must not end the worker. */
function left(ms) {
  if (ms < LONG_MS) return;
  if (late === undefined) process.on('SIGINT', tooLate);
  else clearTimeout(late);
  late = setTimeout(() => {
    process.off('SIGINT', tooLate);
    late = undefined;
  }, SIGNAL_MS);
}

function tooLate() {}

/** Function code was ended by a signal. If shared state was being changed, the worker cannot be used any more. */
function interrupted() {
  if (inside > 0) exit(1);
}

/** Reports whose code is about to run, so that an endless loop can be attributed to one of several executions. */
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
    entry = { hash, script: compile(code, file), positions: new Positions(file, code), timed: NAMES_CLOCK.test(code) };
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
  entry.timed ||= fresh.timed;
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

/** Prepares one spare execution of a script in use; a busy worker does so between two other executions. */
function prepare(entry) {
  if (entry.timed || entry.failure) return;
  const spares = prepared.get(entry.hash) ?? [];
  prepared.delete(entry.hash);
  prepared.set(entry.hash, spares);
  if (spares.length >= PREPARED_PER_SCRIPT) return;
  const spare = new Execution(entry, link);
  entry.timed ||= spare.timed;
  if (entry.timed) {
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

/** Nobody reads the heartbeats of a standby process, so they start with its first execution. */
function startBeating() {
  if (beating) return;
  beaten = performance.now();
  beating = setInterval(beat, HEARTBEAT_MS);
}

function beat() {
  beaten = performance.now();
  send(Type.HEARTBEAT, 0, 0, '{}');
}

/** Frames that arrive together are handled without timers in between. */
function beatWhenDue() {
  if (beating && performance.now() - beaten > HEARTBEAT_MS) beat();
}

function receive(frame) {
  handle(frame);
  beatWhenDue();
}

function handle({ type, execution, call, head, body }) {
  switch (type) {
    case Type.RUN:
      startBeating();
      return run(execution, head, body);
    case Type.REPLY:
      return running.get(execution)?.reply(call, head, body);
    case Type.PART:
      return running.get(execution)?.part(call, body);
    case Type.ERROR_REPLY:
      return running.get(execution)?.errorReply(call, head);
    case Type.ABORT:
      return running.get(execution)?.abort();
    case Type.SHUTDOWN:
      return exit(0);
    default:
      throw new Error(`Unknown frame type ${type}`);
  }
}

// A rejection that nobody awaits does not affect the outcome, and must not end the worker.
process.on('unhandledRejection', () => undefined);
process.on('rejectionHandled', () => undefined); // without a listener Node prints a warning
process.on('uncaughtException', (error) => process.stderr.write(`uncaught: ${String(error?.stack ?? error).slice(0, 2_000)}\n`));

input.on('data', (chunk) => decoder.push(chunk, receive));
input.on('end', () => exit(0));
input.on('error', () => exit(1));
output.on('error', () => exit(1));
lockdown();
send(Type.READY, 0, 0, JSON.stringify({ pid: process.pid, node: process.versions.node }));
