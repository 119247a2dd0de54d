/** An execution of a function: its realm, its open calls and timers, and its outcome. */
import { randomBytes } from 'node:crypto';
import { checkText, fill, viewOf } from './border.mjs';
import { cryptography } from './cryptography.mjs';
import { Type, encode } from './frames.mjs';
import { compression, natives } from './natives.mjs';
import { BODY_TOO_LARGE, MOST_BODY } from './outbox.mjs';
import { Realm } from './realm.mjs';

const ABORT_GRACE_MS = 1_000;
/** The number of log lines that an execution may send although the platform has not read the previous ones. */
const MOST_AHEAD = 1_000;
/** The longest delay of a timer. For longer ones Node prints a warning each time and runs them at once. */
const MOST_DELAY = 2 ** 31 - 1;
const INTERRUPTED = 'ERR_SCRIPT_EXECUTION_INTERRUPTED';

const failure = (type, payload) => JSON.stringify({ type, payload, status: 500 });
const ABORTED = failure('script_aborted', {});
const TIMED_OUT = failure('function_runtime_timed_out', { message: 'The function did not yield and was stopped' });
const BROKEN = failure('function_runtime_other', { message: 'The function could not be run' });

/** The functions that every realm may call in Node and in its own execution, in one object. */
function hostOf(port, execution) {
  return {
    ...natives, ...compression(), ...port,
    crypto: cryptography(execution),
    randomHex: () => randomBytes(16).toString('hex'),
    mostBody: MOST_BODY,
    bodyTooLarge: BODY_TOO_LARGE,
  };
}

export class Execution {
  #calls = new Map();
  #timers = new Set();
  #nextCall = 1;
  /** prepared → running → over */
  #state = 'prepared';
  #aborted = false;
  #ahead = 0;
  #realm;
  #link;
  #id = 0;
  /** The bytes of the reply that is being transferred. */
  #answer;
  #broken;
  #waits = false;

  /**
   * Prepares everything that needs no input: realm, platform code, module.
   * @param {{script: import('node:vm').Script, positions: import('./positions.mjs').Positions}} code
   * @param {{send: Function, write: Function, enter: Function, left: Function, ended: Function, congested: Function, within: Function, interrupted: Function,
   *   outbox: import('./outbox.mjs').Outbox}} link the worker's side
   */
  constructor({ script, positions }, link) {
    this.#link = link;
    const { within } = link;
    this.#realm = new Realm(hostOf({
      call: within((method, head, body, wantsBytes, last, done, failed) => this.#call(method, head, body, { wantsBytes, last, done, failed })),
      take: (target) => fill(target, this.#answer),
      notify: within((method, head, body) => this.#notify(method, head, body)),
      aborted: () => this.#aborted || this.#state === 'over',
      startTimer: within((fire, ms) => this.#startTimer(fire, ms)),
      done: within((output) => this.#end(Type.DONE, '{}', checkText(output, 'The output'))),
      failed: within((text) => this.#end(Type.FAILED, checkText(text, 'The failure'))),
      place: (file, line, column) => positions.original(file, line, column),
    }, {
      enter: (action) => this.#enter(action),
      waits: () => {
        this.#waits ||= this.#state === 'prepared';
      },
      isOver: () => this.#state === 'over',
    }));
    this.#enter(() => this.#realm.kit.evaluate(this.#realm.load(script)));
    /** True when the module read the clock, waited or did not finish while loading, so that it must not be prepared in advance. */
    this.timed = this.#waits || this.#broken !== undefined || (this.#realm?.kit.wasTimed() ?? false);
  }

  get id() {
    return this.#id;
  }

  start(id, head) {
    this.#id = id;
    this.#state = 'running';
    if (this.#broken) this.#end(Type.FAILED, this.#broken);
    else this.#enter(() => this.#realm.kit.start(head));
  }

  /**
   * The only way into the realm: `action` calls a function of the platform's code there, which only creates tasks; then the tasks run.
   * Nothing runs once the execution has ended.
   */
  #enter(action) {
    if (this.#state === 'over' || this.#broken) return;
    if (this.#state === 'running') this.#link.enter(this.#id);
    const start = Date.now();
    try {
      action();
      this.#realm?.drain();
      this.#link.left(Date.now() - start);
    } catch (error) {
      this.#link.left(Date.now() - start);
      this.#broken = error?.code === INTERRUPTED ? TIMED_OUT : BROKEN;
      this.#link.interrupted();
      if (this.#state === 'running') this.#end(Type.FAILED, this.#broken);
    }
  }

  /** A part of a long reply; the last one comes with REPLY. */
  part(call, piece) {
    const open = this.#calls.get(call);
    if (open) (open.pieces ??= []).push(piece);
  }

  reply(call, head, last) {
    this.#settle(call, (open) => {
      const body = open.pieces ? Buffer.concat([...open.pieces, last]) : last;
      this.#answer = body;
      open.done(head, open.wantsBytes ? undefined : body.toString('utf8'), body.length);
      this.#answer = undefined;
    });
  }

  errorReply(call, head) {
    this.#settle(call, (open) => open.failed(head));
  }

  /** Cancelling is cooperative; code that waits for a timer or a promise of its own is abandoned after a while. */
  abort() {
    if (this.#aborted) return;
    this.#aborted = true;
    for (const [id, open] of this.#calls) {
      if (!open.last) this.#settle(id, () => open.failed(undefined));
    }
    setTimeout(() => this.#end(Type.FAILED, ABORTED), ABORT_GRACE_MS).unref();
  }

  /** Nothing of the execution runs after this, except the rest of the current task. */
  discard() {
    this.#state = 'over';
    this.#aborted = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    const open = [...this.#calls.values()];
    this.#calls.clear();
    for (const call of open) this.#link.outbox.settled(call);
    this.#realm = undefined;
  }

  #end(type, head, body) {
    if (this.#state !== 'running') return;
    const frame = encode(type, this.#id, 0, head, body);
    this.#tellLost();
    this.discard();
    this.#link.write(frame);
    this.#link.ended(this);
  }

  #settle(call, action) {
    const open = this.#calls.get(call);
    if (!open) return;
    this.#calls.delete(call);
    this.#link.outbox.settled(open);
    this.#enter(() => action(open));
  }

  #call(method, head, body, open) {
    if (this.#state !== 'running' || (this.#aborted && !open.last)) {
      open.failed(undefined);
      return;
    }
    const size = Buffer.byteLength(head) + sizeOf(body);
    if (size > MOST_BODY) {
      open.failed(BODY_TOO_LARGE);
      return;
    }
    const call = this.#nextCall++;
    const frame = encode(Type.CALL, this.#id, call, addressed(method, head), body); // copied now, because the bytes may change later
    open.held = 0;
    this.#calls.set(call, open);
    // An action that is triggered may itself have to send a body before it returns.
    this.#link.outbox.add(open, method === 'triggerAction' ? 0 : size, () => {
      if (!this.#calls.has(call)) return false;
      this.#link.write(frame);
      return true;
    });
  }

  /**
   * False when the platform has not read earlier frames. The realm then waits until it may continue; callers that do not wait lose lines.
   */
  #notify(method, head, body) {
    if (this.#state !== 'running' || this.#ahead > MOST_AHEAD) {
      this.#ahead += 1;
      return true;
    }
    const behind = this.#ahead > 0 || this.#link.congested(() => this.#caughtUp());
    if (behind) this.#ahead += 1;
    this.#link.send(Type.NOTIFY, this.#id, 0, addressed(method, head), body);
    return !behind;
  }

  #caughtUp() {
    if (this.#state !== 'running') return;
    this.#tellLost();
    this.#enter(() => this.#realm.kit.caughtUp());
  }

  #tellLost() {
    const lost = this.#ahead - MOST_AHEAD - 1;
    this.#ahead = 0;
    if (lost <= 0) return;
    const message = `${lost} log lines were dropped: the function did not await nango.log and logged faster than lines can be stored`;
    this.#link.send(Type.NOTIFY, this.#id, 0, JSON.stringify({ m: 'log', level: 'warn', message }));
  }

  #startTimer(fire, ms) {
    if (this.#state === 'over') return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#enter(fire);
    }, ms > MOST_DELAY ? 1 : ms);
    this.#timers.add(timer);
  }
}

function sizeOf(body) {
  if (body === undefined) return 0;
  return typeof body === 'string' ? Buffer.byteLength(body) : viewOf(body).length;
}

/** Inserts the method into the JSON text of a head without parsing it. */
function addressed(method, head) {
  const name = JSON.stringify(checkText(method, 'The method'));
  return checkText(head, 'The head') === '{}' ? `{"m":${name}}` : `{"m":${name},${head.slice(1)}`;
}
