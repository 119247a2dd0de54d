(function fetching(kit, host, $) {
  'use strict';

  const listOf = (value) => ($.isArray(value) ? value : [value]);
  const lower = (name) => $.toLowerCase($.String(name));

  /** The part of WHATWG Headers that is useful for a response. */
  class Headers {
    #values = { __proto__: null };
    #cookies = [];

    constructor(entries) {
      $.each($.keys(entries), (name) => {
        this.#values[$.toLowerCase(name)] = $.join(listOf(entries[name]), ', ');
      });
      const cookies = entries['set-cookie'];
      if (cookies !== undefined) this.#cookies = listOf(cookies);
    }

    getSetCookie() {
      return kit.shown(this.#cookies);
    }

    get(name) {
      return this.#values[lower(name)] ?? null;
    }

    has(name) {
      return lower(name) in this.#values;
    }

    forEach(visit, self) {
      $.each($.entries(this.#values), (entry) => $.apply(visit, self, [entry[1], entry[0], this]));
    }

    *keys() {
      const names = $.keys(this.#values);
      for (let at = 0; at < names.length; at++) yield names[at];
    }

    *values() {
      const entries = $.entries(this.#values);
      for (let at = 0; at < entries.length; at++) yield entries[at][1];
    }

    *entries() {
      const entries = $.entries(this.#values);
      for (let at = 0; at < entries.length; at++) yield entries[at];
    }

    [$.iterator]() {
      return this.entries();
    }
  }

  /** The reading part of WHATWG ReadableStream; `take` returns the bytes once. */
  class BodyStream {
    #take;

    constructor(take) {
      this.#take = take;
    }

    getReader() {
      let taken = false;
      const read = async () => {
        if (taken) return { done: true, value: undefined };
        taken = true;
        const value = new $.Uint8Array(this.#take());
        return $.lengthOf(value) === 0 ? { done: true, value: undefined } : { done: false, value };
      };
      return { read, cancel: async () => undefined, releaseLock: () => undefined };
    }

    async *[$.asyncIterator]() {
      const value = new $.Uint8Array(this.#take());
      if ($.lengthOf(value) > 0) yield value;
    }
  }

  const isSuccess = (status) => status >= 200 && status <= 299;

  /** A WHATWG Response with a body that has already arrived; the realm has none of its own. */
  class Response {
    #bytes;
    #head;

    constructor(bytes, head) {
      this.#bytes = bytes;
      this.#head = head;
      const shown = {
        status: head.status, statusText: head.statusText ?? '', ok: isSuccess(head.status), headers: new Headers(head.headers ?? { __proto__: null }), url: head.url ?? '',
        redirected: head.redirected ?? false, type: 'basic', bodyUsed: false, body: head.status === 204 ? null : new BodyStream(() => this.#take()),
      };
      $.each($.keys(shown), (name) => $.define(this, name, shown[name], true));
    }

    #take() {
      if (this.bodyUsed) throw new $.TypeError('Body is unusable: Body has already been read');
      $.define(this, 'bodyUsed', true, true);
      return this.#bytes;
    }

    #text() {
      const text = kit.textOf(this.#take());
      return $.charCodeAt(text, 0) === 0xfeff ? $.slice(text, 1) : text;
    }

    async text() {
      return this.#text();
    }

    async json() {
      return $.parse(this.#text());
    }

    async bytes() {
      return new $.Uint8Array(this.#take());
    }

    async arrayBuffer() {
      return $.bufferOf(new $.Uint8Array(this.#take()));
    }

    clone() {
      if (this.bodyUsed) throw new $.TypeError('Response.clone: Body has already been consumed.');
      return new Response(this.#bytes, this.#head);
    }
  }

  const POLICY = $.freeze({ __proto__: null, url_not_allowed: true, too_many_redirects: true, invalid_redirect: true });

  /** Accepts objects, and any iterable of pairs. */
  function headersOf(headers) {
    const plain = { __proto__: null };
    const put = (name, value) => {
      plain[$.toLowerCase($.String(name))] = $.String(value);
    };
    if (typeof headers[$.iterator] === 'function') for (const [name, value] of headers) put(name, value); // the function's own
    else $.each($.keys(headers), (name) => put(name, headers[name]));
    return plain;
  }

  /** The response to a request that does not go to the provider: `{head, bytes}`. */
  kit.fetched = async (options) => {
    kit.checkAlive();
    const { url, method, headers, body } = options;
    const text = body === undefined || body === null ? undefined : $.String(body);
    const head = { __proto__: null, url: $.String(url), method: $.toUpperCase($.String(method ?? 'GET')), headers: headersOf(headers ?? {}) };
    if (text !== undefined) head.headers['content-type'] ??= 'text/plain;charset=UTF-8';
    try {
      return await $.own(kit.call('fetch', head, text, { __proto__: null, wants: 'bytes' }));
    } catch (error) {
      if (error.code in POLICY) throw new kit.ActionError({ code: error.code, message: error.message });
      if (kit.isSdkError(error)) throw error;
      throw $.define(new $.TypeError('fetch failed'), 'cause', error, true);
    }
  };

  kit.uncontrolledFetch = async (options) => {
    const { bytes, head } = await $.own(kit.fetched(options));
    return new Response(bytes, head);
  };
})
