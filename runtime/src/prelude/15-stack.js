// What functions read off errors: stack traces that name the author's own lines, and `instanceof Error` for every error.
(function stacks(kit, host) {
  'use strict';

  const { place } = host;
  const { apply } = Reflect;
  const { isError } = Error;
  const errorText = Error.prototype.toString;
  const isInstance = Function.prototype[Symbol.hasInstance];
  const sources = new Set();
  const define = (name, value) => Object.defineProperty(Error, name, { value, writable: true, enumerable: false, configurable: true });

  function original(site) {
    try {
      return place(String(site.getFileName()), Number(site.getLineNumber()), Number(site.getColumnNumber()));
    } catch {
      return '';
    }
  }

  function frame(site) {
    const mapped = original(site);
    if (mapped === '') return `\n    at ${site}`;
    sources.add(mapped.slice(0, mapped.lastIndexOf(':', mapped.lastIndexOf(':') - 1)));
    return `\n    at ${String(site).replace(`${site.getFileName()}:${site.getLineNumber()}:${site.getColumnNumber()}`, () => mapped)}`;
  }

  function headline(error) {
    try {
      return apply(errorText, error, []);
    } catch {
      return 'Error';
    }
  }

  define('prepareStackTrace', (error, sites) => headline(error) + sites.map(frame).join(''));

  /** Whether a line of a stack trace is about the function's own code. */
  kit.isOwnLine = (line) => line.includes(kit.run.file) || [...sources].some((source) => line.includes(source));

  // Errors of libraries come from other realms, but `error instanceof Error` is how functions tell them from other values.
  define(Symbol.hasInstance, function hasInstance(value) {
    return this === Error ? isError(value) || apply(isInstance, Error, [value]) : apply(isInstance, this, [value]);
  });
})
