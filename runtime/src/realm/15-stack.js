// Stack traces name the author's own lines.
(function stacks(kit, host, $) {
  'use strict';

  const place = kit.guarded(host.place);
  const sources = { __proto__: null };

  /** The author's place for one in the bundle, as `source:line:column`; empty when there is none. */
  function original(file, line, column) {
    try {
      const mapped = place(`${file}`, +line, +column);
      if (mapped !== '') sources[$.slice(mapped, 0, $.lastIndexOf(mapped, ':', $.lastIndexOf(mapped, ':') - 1))] = true;
      return mapped;
    } catch {
      return '';
    }
  }

  /** Frames of the platform and of the worker below it say nothing to an author. */
  const isOurs = (file) => file === 'millrace:platform' || (typeof file === 'string' && ($.startsWith(file, 'node:') || $.startsWith(file, 'file:')));

  /** Methods of a call site are found on its own prototype; `toString` is named, since texts are made of objects by way of symbols. */
  function frame(site) {
    const file = site.getFileName();
    if (isOurs(file)) return '';
    const line = site.getLineNumber();
    const column = site.getColumnNumber();
    const shown = site.toString(); // a call site's own
    const mapped = original(file, line, column);
    return `\n    at ${mapped === '' ? shown : $.replaceAll(shown, `${file}:${line}:${column}`, mapped)}`;
  }

  function headline(error) {
    try {
      return $.errorText(error);
    } catch {
      return 'Error';
    }
  }

  // More than are shown: the worker's own frames count, since tasks of the realm run on top of them, and are left out.
  $.define($.Error, 'stackTraceLimit', 30, true);

  const prepare = (error, sites) => {
    let text = headline(error);
    for (let at = 0; at < sites.length; at++) text += frame(sites[at]);
    return text;
  };

  // Node looks for `Error.prepareStackTrace` in the realm of the error and hands it the call sites. A function must not get them:
  // neither property can be changed, and assigning to them has no effect.
  const fixed = (object, name, value) => $.defineProperty(object, name, { __proto__: null, get: () => value, set: () => undefined, enumerable: false, configurable: false });
  fixed($.Error, 'prepareStackTrace', prepare);
  fixed(globalThis, 'Error', $.Error);

  /** The line of a stack that was read before it could be mapped. */
  function mappedLine(line) {
    const at = $.indexOf(line, `${kit.run.file}:`);
    const found = at < 0 ? null : $.exec(/^:(\d+):(\d+)/, $.slice(line, at + kit.run.file.length));
    const mapped = found === null ? '' : original(kit.run.file, found[1], found[2]);
    return mapped === '' ? line : $.replaceAll(line, kit.run.file + found[0], mapped);
  }

  const names = (line, source) => $.indexOf(line, source) >= 0;

  /** Those lines of a stack trace that are about the function's own code. */
  kit.ownLines = (lines) => $.filter($.map(lines, mappedLine), (line) => names(line, kit.run.file) || $.find($.keys(sources), (source) => names(line, source)) !== undefined);
})
