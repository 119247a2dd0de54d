// `abort-controller`: signals, used inside streams only.
const EventEmitter = require('events');

class AbortSignal {
  #emitter = new EventEmitter();
  aborted = false;
  reason = undefined;

  addEventListener(type, listener) {
    this.#emitter.on(type, listener);
  }
  removeEventListener(type, listener) {
    this.#emitter.removeListener(type, listener);
  }
  static abort(signal, reason) {
    if (signal.aborted) return;
    Object.assign(signal, { aborted: true, reason });
    signal.#emitter.emit('abort', { type: 'abort', target: signal });
  }
}

exports.AbortSignal = AbortSignal;
exports.AbortController = class AbortController {
  signal = new AbortSignal();

  abort(reason = Object.assign(new Error('This operation was aborted'), { name: 'AbortError', code: 'ABORT_ERR' })) {
    AbortSignal.abort(this.signal, reason);
  }
};
