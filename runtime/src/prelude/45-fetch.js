(function fetching(kit) {
  'use strict';

  /** The part of WHATWG Headers that makes sense for an answer. */
  class Headers {
    #map = new Map();
    #cookies = [];

    constructor(entries) {
      for (const [name, value] of Object.entries(entries ?? {})) this.#map.set(name.toLowerCase(), [].concat(value).join(', '));
      this.#cookies = [].concat(entries?.['set-cookie'] ?? []);
    }

    getSetCookie() {
      return [...this.#cookies];
    }

    get(name) {
      return this.#map.get(String(name).toLowerCase()) ?? null;
    }

    has(name) {
      return this.#map.has(String(name).toLowerCase());
    }

    forEach(visit, self) {
      this.#map.forEach((value, name) => visit.call(self, value, name, this));
    }

    keys() {
      return this.#map.keys();
    }

    values() {
      return this.#map.values();
    }

    entries() {
      return this.#map.entries();
    }

    [Symbol.iterator]() {
      return this.#map.entries();
    }
  }

  /** The part of WHATWG ReadableStream that reads; `take` gives the bytes, once. */
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
        const value = new Uint8Array(this.#take());
        return value.length === 0 ? { done: true, value: undefined } : { done: false, value };
      };
      return { read, cancel: async () => undefined, releaseLock: () => undefined };
    }

    async *[Symbol.asyncIterator]() {
      const reader = this.getReader();
      for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
    }
  }

  /** WHATWG Response over a body that has already arrived; contexts have none of their own. */
  class Response {
    #bytes;
    #head;

    constructor(bytes, head) {
      this.#bytes = bytes;
      this.#head = head;
      this.status = head.status;
      this.statusText = head.statusText ?? '';
      this.ok = head.status >= 200 && head.status <= 299;
      this.headers = new Headers(head.headers);
      this.url = head.url ?? '';
      this.redirected = head.redirected ?? false;
      this.type = 'basic';
      this.bodyUsed = false;
      this.body = head.status === 204 ? null : new BodyStream(() => this.#take());
    }

    #take() {
      if (this.bodyUsed) throw new TypeError('Body is unusable: Body has already been read');
      this.bodyUsed = true;
      return this.#bytes;
    }

    async text() {
      return this.#take().toString('utf8').replace(/^\uFEFF/, '');
    }

    async json() {
      return kit.parse(await this.text());
    }

    async bytes() {
      return new Uint8Array(this.#take());
    }

    async arrayBuffer() {
      return (await this.bytes()).buffer;
    }

    clone() {
      if (this.bodyUsed) throw new TypeError('Response.clone: Body has already been consumed.');
      return new Response(this.#bytes, this.#head);
    }
  }

  const POLICY = new Set(['url_not_allowed', 'too_many_redirects', 'invalid_redirect']);

  kit.uncontrolledFetch = async (options) => {
    kit.checkAlive();
    const { url, method = 'GET', headers = {}, body } = options;
    const text = body === undefined || body === null ? undefined : String(body);
    const plain = {};
    const entries = typeof headers[Symbol.iterator] === 'function' ? [...headers] : Object.entries(headers);
    for (const [name, value] of entries) plain[name.toLowerCase()] = String(value);
    if (text !== undefined) plain['content-type'] ??= 'text/plain;charset=UTF-8';
    try {
      const reply = await kit.call('fetch', { url: String(url), method: String(method).toUpperCase(), headers: plain }, text);
      return new Response(reply.body, reply.head);
    } catch (error) {
      if (POLICY.has(error.code)) throw new kit.ActionError({ code: error.code, message: error.message });
      if (error instanceof kit.SdkError) throw error;
      const failed = new TypeError('fetch failed');
      failed.cause = error;
      throw failed;
    }
  };
})
