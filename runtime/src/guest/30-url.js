// URL, URLSearchParams and the module `url`: Node parses and prints, texts cross the border.
(function url(lib, host) {
  'use strict';

  const parseUrl = lib.guarded(host.parseUrl);
  const changeUrl = lib.guarded(host.changeUrl);
  const parseQuery = lib.guarded(host.parseQuery);
  const printQuery = lib.guarded(host.printQuery);
  const legacyUrl = lib.guarded(host.legacyUrl);
  const PARTS = ['href', 'origin', 'protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname', 'search', 'hash'];
  const wellFormed = (value) => `${value}`.toWellFormed();

  class URLSearchParams {
    #pairs = [];
    #changed = () => undefined;

    constructor(init) {
      if (init === undefined) return;
      if ((typeof init === 'object' && init !== null) || typeof init === 'function') this.#pairs = pairsOf(init);
      else this.#pairs = JSON.parse(parseQuery(wellFormed(init)));
    }

    /** The parameters of a URL, which they change and which changes them. */
    static of(search, changed) {
      const params = new URLSearchParams(search);
      params.#changed = changed;
      return params;
    }

    static reset(params, search) {
      params.#pairs = JSON.parse(parseQuery(search));
    }

    get size() {
      return this.#pairs.length;
    }

    append(name, value) {
      this.#pairs.push([wellFormed(name), wellFormed(value)]);
      this.#changed(this);
    }

    delete(name, value) {
      this.#pairs = this.#pairs.filter((pair) => pair[0] !== `${name}` || (value !== undefined && pair[1] !== `${value}`));
      this.#changed(this);
    }

    get(name) {
      return this.#pairs.find((pair) => pair[0] === `${name}`)?.[1] ?? null;
    }

    getAll(name) {
      return this.#pairs.filter((pair) => pair[0] === `${name}`).map((pair) => pair[1]);
    }

    has(name, value) {
      return this.#pairs.some((pair) => pair[0] === `${name}` && (value === undefined || pair[1] === `${value}`));
    }

    set(name, value) {
      const at = this.#pairs.findIndex((pair) => pair[0] === `${name}`);
      if (at < 0) return this.append(name, value);
      this.#pairs[at][1] = wellFormed(value);
      this.#pairs = this.#pairs.filter((pair, index) => index <= at || pair[0] !== `${name}`);
      return this.#changed(this);
    }

    sort() {
      this.#pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
      this.#changed(this);
    }

    forEach(visit, self) {
      for (const [name, value] of this) visit.call(self, value, name, this);
    }

    *entries() {
      for (let at = 0; at < this.#pairs.length; at++) yield [...this.#pairs[at]];
    }

    *keys() {
      for (const [name] of this.entries()) yield name;
    }

    *values() {
      for (const [, value] of this.entries()) yield value;
    }

    [Symbol.iterator]() {
      return this.entries();
    }

    toString() {
      return printQuery(JSON.stringify(this.#pairs));
    }

    get [Symbol.toStringTag]() {
      return 'URLSearchParams';
    }
  }

  // Ours alone: no part of the standard.
  const { of: paramsOf, reset: resetParams } = URLSearchParams;
  delete URLSearchParams.of;
  delete URLSearchParams.reset;

  function pairsOf(init) {
    const iterate = init[Symbol.iterator];
    if (iterate === undefined || iterate === null) return Reflect.ownKeys(init).filter((key) => Object.prototype.propertyIsEnumerable.call(init, key)).map((key) => [wellFormed(key), wellFormed(init[key])]);
    return [...init].map((pair) => {
      const both = [...pair];
      if (both.length !== 2) throw lib.coded(TypeError, 'ERR_INVALID_TUPLE', 'Each query pair must be an iterable [name, value] tuple');
      return both.map(wellFormed);
    });
  }

  const invalid = (input) => Object.assign(lib.coded(TypeError, 'ERR_INVALID_URL', 'Invalid URL'), { input });
  const parsed = (input, base) => parseUrl(wellFormed(input), base === undefined ? undefined : wellFormed(base));

  class URL {
    #parts;
    #params;

    constructor(input, base) {
      const text = parsed(input, base);
      if (text === '') throw invalid(`${input}`);
      this.#parts = JSON.parse(text);
    }

    static canParse(input, base) {
      return parsed(input, base) !== '';
    }

    static parse(input, base) {
      return URL.canParse(input, base) ? new URL(input, base) : null;
    }

    static {
      PARTS.forEach((name, index) => {
        const get = { [name]() { return this.#parts[index]; } }[name];
        const set = name === 'origin' ? undefined : function set(value) { this.#change(name, `${value}`); };
        Object.defineProperty(URL.prototype, name, { get, set, enumerable: true, configurable: true });
      });
    }

    #change(name, value) {
      const text = changeUrl(this.#parts[0], name, wellFormed(value));
      if (text === '') throw invalid(value);
      this.#parts = JSON.parse(text);
      if (this.#params) resetParams(this.#params, this.#parts[9]);
    }

    get searchParams() {
      this.#params ??= paramsOf(this.#parts[9], (params) => {
        this.#parts = JSON.parse(changeUrl(this.#parts[0], 'search', params.toString()));
      });
      return this.#params;
    }

    toString() {
      return this.#parts[0];
    }

    toJSON() {
      return this.#parts[0];
    }

    get [Symbol.toStringTag]() {
      return 'URL';
    }
  }

  Object.assign(lib, { URL, URLSearchParams });

  /** What the old `url.parse` answers. */
  function Url() {}
  Url.prototype.format = function format() {
    return formatted(this);
  };
  const LEGACY = ['protocol', 'slashes', 'auth', 'host', 'port', 'hostname', 'hash', 'search', 'query', 'pathname', 'path', 'href'];

  const legacy = (...args) => {
    const answer = JSON.parse(legacyUrl(JSON.stringify(args)));
    if (answer?.error) throw Object.assign(lib.coded(TypeError, answer.error.code, answer.error.message), answer.error.input === undefined ? {} : { input: answer.error.input });
    return answer?.value;
  };

  const formatted = (value, options) => {
    if (value instanceof URL) return legacy('formatUrl', value.href, options ?? {});
    return typeof value === 'string' ? legacy('format', value) : legacy('format', Object.fromEntries(LEGACY.map((name) => [name, value[name]])));
  };

  lib.modules.url = {
    URL,
    URLSearchParams,
    Url,
    parse: (text, query, slashes) => Object.assign(new Url(), legacy('parse', text instanceof URL ? text.href : text, query === true, slashes === true)),
    format: formatted,
    resolve: (from, to) => legacy('resolve', String(from), String(to)),
    resolveObject: (from, to) => lib.modules.url.parse(legacy('resolve', formatted(from), String(to))),
    domainToASCII: (domain) => legacy('domainToASCII', String(domain)),
    domainToUnicode: (domain) => legacy('domainToUnicode', String(domain)),
    fileURLToPath: (target) => legacy('fileURLToPath', String(target)),
    pathToFileURL: (path) => new URL(legacy('pathToFileURL', String(path))),
    urlToHttpOptions: (target) => legacy('urlToHttpOptions', target.href),
  };
})
