// What `responseType: 'stream'` answers: as much of a Node stream as a body that has already arrived can be.
(function stream(lib) {
  'use strict';

  class BodyStream {
    #chunk;
    #encoding;
    #listeners = new Map();
    #state = 'idle'; // idle → flowing ⇄ paused → ended
    readable = true;
    readableEnded = false;
    destroyed = false;
    errored = null;

    constructor(bytes) {
      this.#chunk = bytes;
    }

    #listen(event, listener, once, first = false) {
      if (typeof listener !== 'function') throw lib.coded(TypeError, 'ERR_INVALID_ARG_TYPE', 'The "listener" argument must be of type function.');
      const list = this.#listeners.get(event) ?? [];
      this.#listeners.set(event, first ? [{ listener, once }, ...list] : [...list, { listener, once }]);
      if (event === 'data' && this.#state !== 'paused') this.resume();
      if (event === 'readable') Promise.resolve().then(() => this.emit('readable'));
      return this;
    }

    on(event, listener) { return this.#listen(event, listener, false); }
    addListener(event, listener) { return this.#listen(event, listener, false); }
    prependListener(event, listener) { return this.#listen(event, listener, false, true); }
    once(event, listener) { return this.#listen(event, listener, true); }
    prependOnceListener(event, listener) { return this.#listen(event, listener, true, true); }

    off(event, listener) {
      const list = this.#listeners.get(event) ?? [];
      const at = list.findLastIndex((each) => each.listener === listener);
      if (at >= 0) this.#listeners.set(event, list.toSpliced(at, 1));
      return this;
    }

    removeListener(event, listener) { return this.off(event, listener); }

    removeAllListeners(event) {
      if (event === undefined) this.#listeners.clear();
      else this.#listeners.delete(event);
      return this;
    }

    listeners(event) { return (this.#listeners.get(event) ?? []).map(({ listener }) => listener); }
    listenerCount(event) { return this.listeners(event).length; }
    eventNames() { return [...this.#listeners.keys()]; }
    setMaxListeners() { return this; }

    emit(event, ...args) {
      const list = this.#listeners.get(event) ?? [];
      for (const { listener, once } of list) {
        if (once) this.off(event, listener);
        listener.apply(this, args);
      }
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
      Promise.resolve().then(() => this.#end());
      if (chunk.length === 0) return null;
      return this.#encoding === undefined ? chunk : chunk.toString(this.#encoding);
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
      Promise.resolve().then(() => this.#flow());
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
      Promise.resolve().then(() => {
        if (error) this.emit('error', error);
        this.emit('close');
      });
      return this;
    }

    async *[Symbol.asyncIterator]() {
      const chunk = this.read();
      if (chunk !== null) yield chunk;
    }

    async toArray() {
      const all = [];
      for await (const chunk of this) all.push(chunk);
      return all;
    }
  }

  lib.streamOf = (bytes) => new BodyStream(bytes);
})
