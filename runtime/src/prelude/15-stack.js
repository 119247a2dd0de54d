// Stack traces name the author's own lines.
(function stacks(kit, host) {
  'use strict';

  const place = kit.guarded(host.place);
  const { apply } = Reflect;
  const errorText = Error.prototype.toString;
  const sources = new Set();

  /** The author's place for one in the bundle, as `source:line:column`; empty when there is none. */
  function original(file, line, column) {
    try {
      const mapped = place(String(file), Number(line), Number(column));
      if (mapped !== '') sources.add(mapped.slice(0, mapped.lastIndexOf(':', mapped.lastIndexOf(':') - 1)));
      return mapped;
    } catch {
      return '';
    }
  }

  function frame(site) {
    const [file, line, column] = [site.getFileName(), site.getLineNumber(), site.getColumnNumber()];
    const mapped = original(file, line, column);
    return `\n    at ${mapped === '' ? site : String(site).replace(`${file}:${line}:${column}`, () => mapped)}`;
  }

  function headline(error) {
    try {
      return apply(errorText, error, []);
    } catch {
      return 'Error';
    }
  }

  Object.defineProperty(Error, 'prepareStackTrace', {
    value: (error, sites) => headline(error) + sites.map(frame).join(''), writable: true, enumerable: false, configurable: true,
  });

  /** The line of an error that was made in another realm, and so still tells a place in the bundle. */
  function mappedLine(line) {
    const at = line.indexOf(`${kit.run.file}:`);
    const [place, row, column] = at < 0 ? [] : (/^:(\d+):(\d+)/.exec(line.slice(at + kit.run.file.length)) ?? []);
    const mapped = place === undefined ? '' : original(kit.run.file, row, column);
    return mapped === '' ? line : line.replace(kit.run.file + place, () => mapped);
  }

  /** Those lines of a stack trace that are about the function's own code. */
  kit.ownLines = (lines) => lines.map(mappedLine).filter((line) => line.includes(kit.run.file) || [...sources].some((source) => line.includes(source)));
})
