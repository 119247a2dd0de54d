// Shapes the global object of the context: what functions may rely on, and nothing more.
(function globals(kit, host) {
  'use strict';

  const { Buffer, URL, URLSearchParams, namespaces } = host.shared;
  const startTimer = kit.guarded(host.startTimer);
  const Libraries = new Set(['url', 'crypto', 'zod', 'botbuilder', 'soap', 'unzipper']);
  const realDate = Date;

  kit.URL = URL;
  kit.URLSearchParams = URLSearchParams;

  const identity = (type) => (definition) => ({ type, ...definition });
  const definitions = Object.freeze({
    createSync: identity('sync'), createAction: identity('action'), createOnEvent: identity('onEvent'),
  });

  /** SOAP brings its own HTTP client; ours sends its requests through the platform instead. */
  function soapWith(soap) {
    const request = async (options) => {
      const response = await kit.uncontrolledFetch({
        url: options.url, method: String(options.method ?? 'GET').toUpperCase(), headers: { ...options.headers }, body: options.data,
      });
      const data = options.responseType === 'arraybuffer' ? kit.Buffer.from(await response.arrayBuffer()) : await response.text();
      const answer = { data, status: response.status, statusText: response.statusText, headers: Object.fromEntries(response.headers), config: {}, request: {} };
      // It reads faults itself, from answers of status 500, and says so.
      if (!response.ok && options.validateStatus !== null) throw kit.responseError(answer);
      return answer;
    };
    const withRequest = (options) => ({ request, ...(typeof options === 'object' ? options : {}) });
    return {
      ...soap,
      createClient: (url, options, callback, endpoint) => typeof options === 'function'
        ? soap.createClient(url, withRequest(), options, callback)
        : soap.createClient(url, withRequest(options), callback, endpoint),
      createClientAsync: (url, options, endpoint) => soap.createClientAsync(url, withRequest(options), endpoint),
    };
  }

  const loaded = new Map();

  function requireModule(name) {
    const bare = typeof name === 'string' && /^node:(url|crypto)$/.test(name) ? name.slice(5) : name;
    if (bare === 'nango') return definitions;
    if (!Libraries.has(bare)) throw new Error(`Module '${name}' is not allowed`);
    if (!loaded.has(bare)) loaded.set(bare, load(bare));
    return loaded.get(bare);
  }

  function load(name) {
    let found;
    try {
      found = host.library(name);
    } catch {
      throw new Error(`Module '${name}' could not be loaded`);
    }
    return name === 'soap' ? soapWith(found) : found;
  }

  function setTimeout(callback, delay, ...args) {
    const fire = () => {
      try {
        callback(...args);
      } catch (error) {
        kit.line('error', `A timer of the function failed: ${String(error?.message ?? error)}`);
      }
    };
    if (typeof callback !== 'function') throw new TypeError('The "callback" argument must be of type function');
    startTimer(fire, Number(delay) || 0);
    const timer = { ref: () => timer, unref: () => timer, hasRef: () => true, refresh: () => timer };
    return timer;
  }

  const define = (name, value) => Object.defineProperty(globalThis, name, { value, writable: true, enumerable: false, configurable: true });
  const silent = () => undefined;
  const CONSOLE = [
    'assert', 'clear', 'count', 'countReset', 'debug', 'dir', 'dirxml', 'error', 'group', 'groupCollapsed', 'groupEnd', 'info', 'log',
    'profile', 'profileEnd', 'table', 'time', 'timeEnd', 'timeLog', 'timeStamp', 'trace', 'warn',
  ];

  const PRINTING = new Set(['debug', 'dir', 'error', 'info', 'log', 'table', 'trace', 'warn']);

  define('console', Object.fromEntries(CONSOLE.map((name) => [name, PRINTING.has(name) ? kit.print : silent])));
  define('require', requireModule);
  define('Buffer', Buffer);
  define('URL', URL);
  define('URLSearchParams', URLSearchParams);
  define('setTimeout', setTimeout);
  // Waiting for a shared cell would stop the whole worker without using CPU time, or outlive the execution.
  delete Atomics.wait;
  delete Atomics.waitAsync;
  // The one method that changes a regular expression, also a shared one.
  delete RegExp.prototype.compile;
  delete WebAssembly.compileStreaming;
  delete WebAssembly.instantiateStreaming;

  /** What `import(…)` was replaced by: Node's own refusal is an object of the worker's realm. */
  const refuseImport = async () => {
    throw Object.assign(new TypeError('A dynamic import callback was not specified.'), { code: 'ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING' });
  };

  Object.setPrototypeOf(globalThis, null);

  kit.require = requireModule;

  /**
   * Evaluates the module and tells whether it looked at the clock while loading. Such a module must be evaluated when its
   * run starts, not ahead of it: `const since = new Date()` has to mean now.
   */
  kit.evaluate = (run) => {
    let timed = false;
    const watch = (name, value) => Object.defineProperty(globalThis, name, {
      get: () => {
        timed = true;
        return value;
      },
      set: (changed) => define(name, changed),
      configurable: true,
      enumerable: false,
    });
    watch('Date', realDate);
    watch('setTimeout', setTimeout);
    const module = { exports: {} };
    try {
      run.call(undefined, module, module.exports, requireModule, refuseImport, namespaces);
      kit.exports = module.exports;
    } catch (error) {
      kit.loadError = { error };
    }
    for (const [name, value] of [['Date', realDate], ['setTimeout', setTimeout]]) {
      if (Object.getOwnPropertyDescriptor(globalThis, name)?.get) define(name, value);
    }
    return timed;
  };
})
