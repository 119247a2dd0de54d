// URL, URLSearchParams and the module `url`: Node parses and prints; only texts are exchanged.
(function url(kit, host, $) {
  'use strict';

  const parseUrl = kit.guarded(host.parseUrl);
  const changeUrl = kit.guarded(host.changeUrl);
  const parseQuery = kit.guarded(host.parseQuery);
  const printQuery = kit.guarded(host.printQuery);
  const legacyUrl = kit.guarded(host.legacyUrl);
  const PARTS = $.setPrototypeOf(['href', 'origin', 'protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname', 'search', 'hash'], null);
  const wellFormed = (value) => $.toWellFormed($.String(value));

  const classes = () => (made ??= make());
  let made;
  kit.URL = () => classes().URL;
  kit.URLSearchParams = () => classes().URLSearchParams;
  kit.searchText = (value) => (made === undefined || !$.isObject(value) ? undefined : made.searchText(value));

  function make() {
    const pairsIn = (text) => kit.parseBare(parseQuery(text));
    let isParams;
    let pairsOfParams;

    class URLSearchParams {
      #pairs = $.list();
      #changed = () => undefined;

      constructor(init) {
        if (init === undefined) return;
        if ($.isObject(init) || typeof init === 'function') this.#pairs = pairsOf(init);
        else this.#pairs = pairsIn(wellFormed(init));
      }

      static {
        isParams = (value) => #pairs in value;
        pairsOfParams = (params) => params.#pairs;
        /** The parameters of a URL; a change of either one changes the other. */
        paramsOf = (search, changed) => {
          const params = new URLSearchParams(search);
          params.#changed = changed;
          return params;
        };
        resetParams = (params, search) => {
          params.#pairs = pairsIn(search);
        };
      }

      get size() {
        return this.#pairs.length;
      }

      append(name, value) {
        this.#pairs[this.#pairs.length] = pair(name, value);
        this.#changed(this);
      }

      delete(name, value) {
        const wanted = $.String(name);
        const only = value === undefined ? undefined : $.String(value);
        this.#pairs = $.filter(this.#pairs, (one) => one[0] !== wanted || (only !== undefined && one[1] !== only));
        this.#changed(this);
      }

      get(name) {
        const wanted = $.String(name);
        return $.find(this.#pairs, (one) => one[0] === wanted)?.[1] ?? null;
      }

      getAll(name) {
        const wanted = $.String(name);
        const values = [];
        $.each(this.#pairs, (one) => one[0] === wanted && $.push(values, one[1]));
        return values;
      }

      has(name, value) {
        const wanted = $.String(name);
        const only = value === undefined ? undefined : $.String(value);
        return $.find(this.#pairs, (one) => one[0] === wanted && (only === undefined || one[1] === only)) !== undefined;
      }

      set(name, value) {
        const both = pair(name, value);
        const wanted = both[0];
        const text = both[1];
        let found = false;
        this.#pairs = $.filter(this.#pairs, (one) => {
          if (one[0] !== wanted) return true;
          if (found) return false;
          found = true;
          one[1] = text;
          return true;
        });
        if (!found) this.#pairs[this.#pairs.length] = both;
        this.#changed(this);
      }

      sort() {
        $.sort(this.#pairs, (a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
        this.#changed(this);
      }

      forEach(visit, self) {
        $.each(this.#pairs, (one) => $.apply(visit, self, [one[1], one[0], this]));
      }

      *entries() {
        for (let at = 0; at < this.#pairs.length; at++) yield [this.#pairs[at][0], this.#pairs[at][1]];
      }

      *keys() {
        for (let at = 0; at < this.#pairs.length; at++) yield this.#pairs[at][0];
      }

      *values() {
        for (let at = 0; at < this.#pairs.length; at++) yield this.#pairs[at][1];
      }

      [$.iterator]() {
        return this.entries();
      }

      toString() {
        return printQuery($.stringify(this.#pairs));
      }

      get [$.toStringTag]() {
        return 'URLSearchParams';
      }
    }

    function pairsOf(init) {
      const pairs = $.list();
      const iterate = init[$.iterator];
      if (iterate === undefined || iterate === null) {
        $.each($.ownKeys(init), (key) => {
          if ($.isEnumerable(init, key)) pairs[pairs.length] = pair(key, init[key]);
        });
        return pairs;
      }
      for (const each of init) { // the function's own
        const both = [...each]; // the function's own
        if (both.length !== 2) throw kit.coded($.TypeError, 'ERR_INVALID_TUPLE', 'Each query pair must be an iterable [name, value] tuple');
        pairs[pairs.length] = pair(both[0], both[1]);
      }
      return pairs;
    }

    const invalid = (input) => $.define(kit.coded($.TypeError, 'ERR_INVALID_URL', 'Invalid URL'), 'input', input, true);
    const parsed = (input, base) => parseUrl(wellFormed(input), base === undefined ? undefined : wellFormed(base));

    class URL {
      #parts;
      #params;

      constructor(input, base) {
        const text = parsed(input, base);
        if (text === '') throw invalid($.String(input));
        this.#parts = kit.parseBare(text);
      }

      static canParse(input, base) {
        return parsed(input, base) !== '';
      }

      static parse(input, base) {
        return parsed(input, base) === '' ? null : new URL(input, base);
      }

      static {
        isUrl = (value) => $.isObject(value) && #parts in value;
        hrefOf = (value) => value.#parts[0];
        $.each(PARTS, (name, index) => {
          const { get } = { get() { return this.#parts[index]; } };
          const set = name === 'origin' ? undefined : function set(value) { this.#change(name, $.String(value)); };
          $.defineProperty(URL.prototype, name, { __proto__: null, get, set, enumerable: true, configurable: true });
        });
      }

      #change(name, value) {
        const text = changeUrl(this.#parts[0], name, $.toWellFormed(value));
        if (text === '') throw invalid(value);
        this.#parts = kit.parseBare(text);
        if (this.#params) resetParams(this.#params, this.#parts[9]);
      }

      get searchParams() {
        this.#params ??= paramsOf(this.#parts[9], (params) => {
          this.#parts = kit.parseBare(changeUrl(this.#parts[0], 'search', printQuery($.stringify(pairsOfParams(params)))));
        });
        return this.#params;
      }

      toString() {
        return this.#parts[0];
      }

      toJSON() {
        return this.#parts[0];
      }

      get [$.toStringTag]() {
        return 'URL';
      }
    }

    const searchText = (value) => (isParams(value) ? printQuery($.stringify(pairsOfParams(value))) : undefined);
    return { __proto__: null, URL, URLSearchParams, searchText };
  }

  let paramsOf;
  let resetParams;
  let isUrl = () => false;
  let hrefOf;

  /** An object of two texts instead of an array, because array patterns use an iterator. */
  function pair(name, value) {
    const both = $.list();
    both[0] = wellFormed(name);
    both[1] = wellFormed(value);
    return both;
  }

  const LEGACY = $.setPrototypeOf(['protocol', 'slashes', 'auth', 'host', 'port', 'hostname', 'hash', 'search', 'query', 'pathname', 'path', 'href'], null);

  /** The module `url`, created when it is first required. */
  kit.urlModule = () => {
    const { URL, URLSearchParams } = classes();

    /** The result of the old `url.parse`. */
    function Url() {}
    $.define(Url.prototype, 'format', function format() {
      return formatted(this);
    }, true);

    const legacy = (method, ...args) => {
      const answer = kit.parseBare(legacyUrl(method, $.stringify($.setPrototypeOf(args, null))));
      if (answer.error === undefined) return kit.shown(answer.value);
      const error = kit.coded($.TypeError, answer.error.code, answer.error.message);
      throw answer.error.input === undefined ? error : $.define(error, 'input', answer.error.input, true);
    };

    const formatted = (value, options) => {
      if (isUrl(value)) return legacy('formatUrl', hrefOf(value), options ?? {});
      if (typeof value === 'string') return legacy('format', value);
      const parts = { __proto__: null };
      $.each(LEGACY, (name) => {
        parts[name] = value[name];
      });
      return legacy('format', parts);
    };
    const parse = (text, query, slashes) => {
      const parsed = legacy('parse', isUrl(text) ? hrefOf(text) : text, query === true, slashes === true);
      const shown = new Url();
      $.each($.keys(parsed), (name) => $.define(shown, name, parsed[name], true));
      return shown;
    };

    return {
      URL,
      URLSearchParams,
      Url,
      parse,
      format: formatted,
      resolve: (from, to) => legacy('resolve', $.String(from), $.String(to)),
      resolveObject: (from, to) => parse(legacy('resolve', formatted(from), $.String(to))),
      domainToASCII: (domain) => legacy('domainToASCII', $.String(domain)),
      domainToUnicode: (domain) => legacy('domainToUnicode', $.String(domain)),
      fileURLToPath: (target) => legacy('fileURLToPath', isUrl(target) ? hrefOf(target) : $.String(target)),
      pathToFileURL: (path) => new URL(legacy('pathToFileURL', $.String(path))),
      urlToHttpOptions: (target) => legacy('urlToHttpOptions', hrefOf(target)),
    };
  };
})
