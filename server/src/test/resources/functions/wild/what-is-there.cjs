// Names that a function finds, and those that it does not.
// expects: {"there":["Buffer","URL","URLSearchParams","setTimeout","console","require","Intl","WeakRef","Atomics","Promise"],"absent":["process","fetch","structuredClone","TextEncoder","AbortController","setInterval","queueMicrotask","atob"],"refused":"Module 'fs' is not allowed","eval":"EvalError","global":"undefined"}
exports.default = {
  type: 'action',
  exec: async () => {
    const kinds = {
      Buffer: typeof Buffer, URL: typeof URL, URLSearchParams: typeof URLSearchParams, setTimeout: typeof setTimeout, console: typeof console,
      require: typeof require, Intl: typeof Intl, WeakRef: typeof WeakRef, Atomics: typeof Atomics, Promise: typeof Promise,
      process: typeof process, fetch: typeof fetch, structuredClone: typeof structuredClone, TextEncoder: typeof TextEncoder,
      AbortController: typeof AbortController, setInterval: typeof setInterval, queueMicrotask: typeof queueMicrotask, atob: typeof atob,
    };
    const names = Object.keys(kinds);
    let refused;
    try {
      require('fs');
    } catch (e) {
      refused = e.message;
    }
    let evaluated;
    try {
      (0, eval)('1');
    } catch (e) {
      evaluated = e.name;
    }
    return {
      there: names.filter((n) => kinds[n] !== 'undefined'),
      absent: names.filter((n) => kinds[n] === 'undefined'),
      refused,
      eval: evaluated,
      global: typeof global,
    };
  },
};
