// The stream for `responseType: 'stream'`: the part of a Node stream that is possible for a body that has already arrived.
(function stream(kit, host, $) {
  'use strict';

  const only = (entry) => $.push($.list(), entry);
  const joined = (a, b) => {
    const all = $.list();
    $.each(a, (each) => $.push(all, each));
    $.each(b, (each) => $.push(all, each));
    return all;
  };

  class BodyStream {
    #chunk;
    #encoding;
    #listeners = { __proto__: null };
    #state = 'idle'; // idle → flowing ⇄ paused → ended
    readable = true;
    readableEnded = false;
    destroyed = false;
    errored = null;

    constructor(bytes) {
      this.#chunk = bytes;
    }

    #listen(event, listener, once, first = false) {
      if (typeof listener !== 'function') throw kit.coded($.TypeError, 'ERR_INVALID_ARG_TYPE', 'The "listener" argument must be of type function.');
      const list = this.#listeners[event] ?? $.list();
      const entry = { __proto__: null, listener, once };
      this.#listeners[event] = first ? joined(only(entry), list) : joined(list, only(entry));
      if (event === 'data' && this.#state !== 'paused') this.resume();
      if (event === 'readable') $.later(() => this.emit('readable'));
      return this;
    }

    on(event, listener) { return this.#listen(event, listener, false); }
    addListener(event, listener) { return this.#listen(event, listener, false); }
    prependListener(event, listener) { return this.#listen(event, listener, false, true); }
    once(event, listener) { return this.#listen(event, listener, true); }
    prependOnceListener(event, listener) { return this.#listen(event, listener, true, true); }

    off(event, listener) {
      const list = this.#listeners[event] ?? $.list();
      let last = -1;
      $.each(list, (each, at) => {
        if (each.listener === listener) last = at;
      });
      if (last >= 0) this.#listeners[event] = $.filter(list, (_, at) => at !== last);
      return this;
    }

    removeListener(event, listener) { return this.off(event, listener); }

    removeAllListeners(event) {
      if (event === undefined) this.#listeners = { __proto__: null };
      else delete this.#listeners[event];
      return this;
    }

    listeners(event) {
      const shown = [];
      $.each(this.#listeners[event] ?? $.list(), ({ listener }) => $.push(shown, listener));
      return shown;
    }

    listenerCount(event) { return (this.#listeners[event] ?? $.list()).length; }
    eventNames() { return $.ownKeys(this.#listeners); }
    setMaxListeners() { return this; }

    emit(event, ...args) {
      const list = this.#listeners[event] ?? $.list();
      $.each(list, ({ listener, once }) => {
        if (once) this.off(event, listener);
        $.apply(listener, this, args);
      });
      return list.length > 0;
    }

    setEncoding(encoding) {
      this.#encoding = encoding ?? 'utf8';
      return this;
    }

    read() {
      const chunk = this.#chunk;
      this.#chunk = undefined;
      if (chunk === undefined) return null;
      $.later(() => this.#end());
      if ($.lengthOf(chunk) === 0) return null;
      return this.#encoding === undefined ? chunk : kit.bufferText(chunk, this.#encoding);
    }

    #end() {
      if (this.readableEnded || this.destroyed) return;
      this.readableEnded = true;
      this.readable = false;
      this.#state = 'ended';
      this.emit('readable');
      this.emit('end');
      this.emit('close');
    }

    #flow() {
      if (this.#state !== 'flowing' || this.destroyed) return;
      const chunk = this.read();
      if (chunk !== null) this.emit('data', chunk);
    }

    resume() {
      if (this.#state === 'ended' || this.#state === 'flowing') return this;
      this.#state = 'flowing';
      $.later(() => this.#flow());
      return this;
    }

    pause() {
      if (this.#state !== 'ended') this.#state = 'paused';
      return this;
    }

    isPaused() { return this.#state === 'paused'; }

    pipe(target, { end = true } = {}) {
      this.on('data', (chunk) => target.write(chunk));
      if (end) this.once('end', () => target.end());
      if (typeof target.emit === 'function') target.emit('pipe', this);
      return target;
    }

    unpipe() { return this.removeAllListeners('data'); }

    destroy(error) {
      if (this.destroyed) return this;
      this.destroyed = true;
      this.readable = false;
      this.errored = error ?? null;
      this.#chunk = undefined;
      $.later(() => {
        if (error) this.emit('error', error);
        this.emit('close');
      });
      return this;
    }

    async *[$.asyncIterator]() {
      const chunk = this.read();
      if (chunk !== null) yield chunk;
    }

    async toArray() {
      const all = [];
      const chunk = this.read();
      if (chunk !== null) $.push(all, chunk);
      return all;
    }
  }

  kit.streamOf = (bytes) => new BodyStream(bytes);
})
