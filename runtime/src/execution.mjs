/** One execution of a function: its realm, its open calls and timers, its one outcome. */
import { newRealm } from './context.mjs';
import { Type } from './frames.mjs';
import { BODY_TOO_LARGE, MOST_BODY } from './outbox.mjs';

const ABORT_GRACE_MS = 1_000;
/** Lines that one execution may send although the platform is behind. */
const MOST_AHEAD = 1_000;
const ABORTED = JSON.stringify({ type: 'script_aborted', payload: {}, status: 500 });

export class Execution {
  #calls = new Map();
  #timers = new Set();
  #nextCall = 1;
  #live = false;
  #aborted = false;
  #ahead = 0;
  #kit;
  #link;
  #id = 0;

  /**
   * Prepares everything that needs no input: realm, prelude, module.
   * @param {{script: import('node:vm').Script, positions: import('./positions.mjs').Positions}} code
   * @param {{send: Function, enter: Function, ended: Function, congested: Function, outbox: import('./outbox.mjs').Outbox}} link the worker's side
   */
  constructor({ script, positions }, link) {
    this.#link = link;
    const { kit, context } = newRealm({
      call: (method, head, body, last, done, failed) => this.#call(method, head, body, last, done, failed),
      notify: (method, head, body) => this.#notify(method, head, body),
      aborted: () => this.#aborted || !this.#live,
      startTimer: (fire, ms) => this.#startTimer(fire, ms),
      place: (file, line, column) => positions.original(file, line, column),
      mostBody: MOST_BODY,
      bodyTooLarge: BODY_TOO_LARGE,
    });
    this.#kit = kit;
    /** True when the module read the clock while loading and so must not be prepared ahead of its run. */
    this.timed = kit.evaluate(script.runInContext(context));
  }

  get id() {
    return this.#id;
  }

  start(id, head) {
    this.#id = id;
    this.#live = true;
    this.#link.enter(id);
    this.#kit.start(head, (output) => this.#end(Type.DONE, '{}', output), (failure) => this.#end(Type.FAILED, failure));
  }

  /** A piece of a long answer; the last one comes with the reply. */
  part(call, piece) {
    const open = this.#calls.get(call);
    if (open) (open.pieces ??= []).push(piece);
  }

  reply(call, head, last) {
    this.#settle(call, (open) => {
      const body = open.pieces ? Buffer.concat([...open.pieces, last]) : last;
      open.done(head, body.length, body);
    });
  }

  errorReply(call, head) {
    this.#settle(call, (open) => open.failed(head));
  }

  /** Cancelling is cooperative; code that sits in a timer or a promise of its own is left behind after a while. */
  abort() {
    if (this.#aborted) return;
    this.#aborted = true;
    for (const [id, open] of this.#calls) {
      if (!open.last) this.#settle(id, () => open.failed(undefined));
    }
    setTimeout(() => this.#end(Type.FAILED, ABORTED), ABORT_GRACE_MS).unref();
  }

  discard() {
    this.#live = false;
    this.#aborted = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    const open = [...this.#calls.values()];
    this.#calls.clear();
    for (const call of open) this.#link.outbox.settled(call);
    this.#kit = undefined;
  }

  #end(type, head, body) {
    if (!this.#live) return;
    this.#tellLost();
    this.discard();
    this.#link.send(type, this.#id, 0, head, body);
    this.#link.ended(this);
  }

  #settle(call, action) {
    const open = this.#calls.get(call);
    if (!open) return;
    this.#calls.delete(call);
    this.#link.outbox.settled(open);
    this.#link.enter(this.#id);
    action(open);
  }

  #call(method, head, body, last, done, failed) {
    if (!this.#live || (this.#aborted && !last)) {
      failed(undefined);
      return;
    }
    const size = body === undefined ? 0 : Buffer.byteLength(body);
    if (size > MOST_BODY) {
      failed(BODY_TOO_LARGE);
      return;
    }
    const call = this.#nextCall++;
    const open = { last, done, failed, held: 0 };
    this.#calls.set(call, open);
    // An action that is triggered may itself have to send something before it answers.
    this.#link.outbox.add(open, method === 'triggerAction' ? 0 : size, () => {
      if (!this.#calls.has(call)) return false;
      this.#link.send(Type.CALL, this.#id, call, addressed(method, head), body);
      return true;
    });
  }

  /** False when the platform is behind, in which case the prelude waits until it is told; who does not wait loses lines. */
  #notify(method, head, body) {
    if (!this.#live || this.#ahead > MOST_AHEAD) {
      this.#ahead += 1;
      return true;
    }
    const behind = this.#ahead > 0 || this.#link.congested(() => this.#caughtUp());
    if (behind) this.#ahead += 1;
    this.#link.send(Type.NOTIFY, this.#id, 0, addressed(method, head), body);
    return !behind;
  }

  #caughtUp() {
    if (!this.#live) return;
    this.#tellLost();
    this.#link.enter(this.#id);
    this.#kit.caughtUp();
  }

  #tellLost() {
    const lost = this.#ahead - MOST_AHEAD - 1;
    this.#ahead = 0;
    if (lost <= 0) return;
    const message = `${lost} log lines were dropped: the function did not await nango.log and logged faster than lines can be stored`;
    this.#link.send(Type.NOTIFY, this.#id, 0, JSON.stringify({ m: 'log', level: 'warn', message }));
  }

  #startTimer(fire, ms) {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (!this.#live) return;
      this.#link.enter(this.#id);
      fire();
    }, ms);
    this.#timers.add(timer);
  }
}

/** Puts the method into the JSON text of a head, without parsing it. */
function addressed(method, head) {
  return head === '{}' ? `{"m":"${method}"}` : `{"m":"${method}",${head.slice(1)}`;
}
