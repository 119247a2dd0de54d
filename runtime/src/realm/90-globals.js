// Sets up the global object of the realm: only what functions may rely on.
(function globals(kit, host, $) {
  'use strict';

  const startTimer = kit.guarded(host.startTimer);
  const scriptOf = kit.guarded(host.script);
  const zlib = kit.guarded(host.zlib);
  const takeZlib = kit.guarded(host.takeZlib);
  const { define } = $;

  const put = (name, value) => define(globalThis, name, value);
  /** A global that is created at its first use. */
  const putLazy = (name, make) => $.defineProperty(globalThis, name, {
    __proto__: null,
    get() {
      const value = make();
      put(name, value);
      return value;
    },
    set: (value) => put(name, value),
    enumerable: false,
    configurable: true,
  });

  const identity = (type) => (definition) => ({ type, ...definition });
  const definitions = { createSync: identity('sync'), createAction: identity('action'), createOnEvent: identity('onEvent') };

  /** Additional values for packages: conversions by Node. */
  const native = $.freeze({
    __proto__: null,
    zlib(kind, bytes) {
      const answer = zlib($.String(kind), $.bytesOf(bytes));
      if (typeof answer === 'string') throw kit.cryptoFailure(kit.parseBare(answer));
      const out = new $.Uint8Array(answer);
      takeZlib(out);
      return kit.asBuffer(out);
    },
  });

  /** Evaluates one of our packages in this realm. */
  kit.load = (name) => kit.loadModule(name).exports;
  kit.loadModule = (name) => {
    const module = { exports: {} };
    scriptOf(name)(module, module.exports, requireInside, native);
    return module;
  };

  let zodModule;
  const zod = () => (zodModule ??= kit.loadModule('zod'));
  /** The code that bundlers generate for `import * as z from 'zod'`; see namespaces.mjs. */
  const namespaces = $.freeze({
    __proto__: null,
    get node() { return zod().namespaces.node; },
    get plain() { return zod().namespaces.plain; },
  });

  const MAKERS = $.freeze({
    __proto__: null,
    nango: () => definitions,
    url: () => kit.urlModule(),
    crypto: () => kit.cryptoModule(),
    zod: () => zod().exports,
    soap: () => soapWith(kit.load('soap')),
    unzipper: () => kit.load('unzipper'),
    botbuilder: () => kit.load('botbuilder'),
  });
  const NAMES = $.freeze({ __proto__: null, 'node:url': 'url', 'node:crypto': 'crypto' });
  const loaded = { __proto__: null };

  function requireModule(name) {
    const bare = typeof name === 'string' ? (NAMES[name] ?? name) : '';
    if (!(bare in MAKERS)) throw new $.Error(`Module '${typeof name === 'string' ? name : typeof name}' is not allowed`);
    return (loaded[bare] ??= MAKERS[bare]());
  }
  const requireInside = (name) => (name === 'buffer' ? { Buffer: kit.Buffer() } : requireModule(name));

  /** soap has its own HTTP client; ours sends its requests through the platform instead. */
  function soapWith(soap) {
    const request = async (options) => {
      const { url, method, headers, data: body } = options;
      const { head, bytes } = await $.own(kit.fetched({ __proto__: null, url, method, headers, body }));
      const { status, statusText } = head;
      const data = options.responseType === 'arraybuffer' ? kit.asBuffer(bytes) : kit.textOf(bytes);
      const answer = { data, status, statusText: statusText ?? '', headers: new kit.ResponseHeaders(kit.shown(head.headers)), config: {}, request: {} };
      // soap reads faults itself, from responses with status 500.
      if ((status < 200 || status > 299) && options.validateStatus !== null) throw kit.responseError(answer);
      return answer;
    };
    const withRequest = (options) => ({ request, ...($.isObject(options) ? options : {}) });
    const shown = {};
    $.each($.ownKeys(soap), (key) => key === 'createClient' || key === 'createClientAsync' || $.defineProperty(shown, key, $.setPrototypeOf($.descriptorOf(soap, key), null)));
    const { createClient, createClientAsync } = soap;
    define(shown, 'createClient', (url, options, callback, endpoint) => (typeof options === 'function'
      ? createClient(url, withRequest(), options, callback)
      : createClient(url, withRequest(options), callback, endpoint)), true);
    define(shown, 'createClientAsync', (url, options, endpoint) => createClientAsync(url, withRequest(options), endpoint), true);
    return shown;
  }

  function setTimeout(callback, delay, ...args) {
    if (typeof callback !== 'function') throw new $.TypeError('The "callback" argument must be of type function');
    const fire = () => {
      try {
        $.apply(callback, undefined, args);
      } catch (error) {
        kit.line('error', `A timer of the function failed: ${kit.messageOf(error)}`);
      }
    };
    startTimer(() => void $.later(fire), $.Number(delay) || 0);
    const timer = { ref: () => timer, unref: () => timer, hasRef: () => true, refresh: () => timer };
    return timer;
  }

  kit.messageOf = (error) => {
    try {
      return $.String(error?.message ?? error);
    } catch {
      return 'the error cannot be read';
    }
  };

  const silent = () => undefined;
  const console = {};
  $.each([
    'assert', 'clear', 'count', 'countReset', 'dirxml', 'group', 'groupCollapsed', 'groupEnd', 'profile', 'profileEnd', 'time', 'timeEnd', 'timeLog', 'timeStamp',
  ], (name) => define(console, name, silent, true));
  $.each(['debug', 'dir', 'error', 'info', 'log', 'table', 'trace', 'warn'], (name) => define(console, name, kit.print, true));

  put('console', console);
  put('require', requireModule);
  put('setTimeout', setTimeout);
  putLazy('Buffer', () => kit.Buffer());
  putLazy('URL', () => kit.URL());
  putLazy('URLSearchParams', () => kit.URLSearchParams());

  // Waiting for a shared cell would stop the whole worker without using CPU time, or continue after the execution.
  delete Atomics.wait;
  delete Atomics.waitAsync;
  // The engine would call back after the end of an execution. The language allows a registry that never calls back.
  put('FinalizationRegistry', class FinalizationRegistry {
    constructor(cleanup) {
      if (typeof cleanup !== 'function') throw new $.TypeError('FinalizationRegistry: cleanup must be callable');
    }

    register() {}
    unregister() { return false; }
  });
  // Compiling is refused; the asynchronous methods would settle after the end of an execution.
  const refuseCode = async () => {
    throw new $.EvalError('Code generation from strings disallowed for this context');
  };
  $.each(['compile', 'instantiate'], (name) => define(WebAssembly, name, refuseCode, true));
  delete WebAssembly.compileStreaming;
  delete WebAssembly.instantiateStreaming;

  /** The replacement of `import(…)`, because Node's own error is an object of the worker's realm. */
  const refuseImport = async () => {
    throw define(new $.TypeError('A dynamic import callback was not specified.'), 'code', 'ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING', true);
  };

  const CLOCKS = $.setPrototypeOf(['Date', 'setTimeout'], null);
  let timed = false;

  function watched(name) {
    const { value } = $.descriptorOf(globalThis, name);
    $.defineProperty(globalThis, name, {
      __proto__: null,
      get() {
        timed = true;
        return value;
      },
      set: (changed) => put(name, changed),
      enumerable: false,
      configurable: true,
    });
    return () => {
      const now = $.descriptorOf(globalThis, name);
      if (now !== undefined && $.hasOwn(now, 'get')) put(name, value);
    };
  }

  $.setPrototypeOf(globalThis, null);

  kit.require = requireModule;

  /**
   * Evaluates the module, as a task of the realm, and finds out whether it looked at the clock while loading. Such a module must be
   * evaluated when its run starts, not ahead of it: `const since = new Date()` has to mean now.
   */
  kit.evaluate = (run) => void $.later(() => {
    const restore = $.map($.filter(CLOCKS, (name) => $.hasOwn(globalThis, name)), watched);
    const module = { exports: {} };
    try {
      $.apply(run, undefined, [module, module.exports, requireModule, refuseImport, namespaces]);
      kit.module = module;
    } catch (error) {
      kit.loadError = { __proto__: null, error };
    }
    $.each(restore, (put_) => put_());
    kit.isEvaluated = true;
  });

  kit.wasTimed = () => timed;
})
