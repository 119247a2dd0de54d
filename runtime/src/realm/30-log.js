(function log(kit, host, $) {
  'use strict';

  const LEVELS = $.freeze({ __proto__: null, debug: 0, info: 1, warn: 2, error: 3, off: 4 });
  const ALIASES = $.freeze({ __proto__: null, http: 'info', verbose: 'debug', silly: 'debug' });
  const DROPPED = $.freeze({ __proto__: null, httpAgent: true, httpsAgent: true, trace: true, _sessionCache: true, stack: true });
  const MAX_MESSAGE = 99_000;
  const MAX_META = 90_000;
  const MAX_DEPTH = 10;
  const MAX_EDGES = 20;

  const known = (level) => (typeof level === 'string' && level in LEVELS ? level : 'warn');

  kit.startLogger = (level) => {
    kit.run.loggerLevel = known(level);
  };

  kit.setLogger = ({ level } = {}) => {
    if (kit.run.loggerLevel === 'off') return; // a threshold of off set by the operator cannot be changed
    kit.run.loggerLevel = known(level);
  };

  /** The objects that are being copied, the outermost last. */
  const inside = (path, value) => ({ __proto__: null, value, outer: path });
  const contains = (path, value) => {
    for (let at = path; at !== undefined; at = at.outer) if (at.value === value) return true;
    return false;
  };

  /** A copy that is safe and small enough to store, with its keys in a stable order. */
  function readable(value, depth, path) {
    if (typeof value === 'bigint') return $.bigintText(value);
    if (typeof value === 'function' || typeof value === 'symbol') return `[${typeof value}]`;
    if (!$.isObject(value)) return value;
    if ($.isBytes(value)) return '[Buffer]';
    if (contains(path, value)) return '[Circular]';
    if (typeof value.toJSON === 'function') return readable(value.toJSON(), depth, inside(path, value)); // the function's own
    if (depth >= MAX_DEPTH) return $.isArray(value) ? '[Array]' : '[Object]';
    return $.isArray(value) ? readableArray(value, depth, inside(path, value)) : readableObject(value, depth, inside(path, value));
  }

  function readableArray(value, depth, path) {
    const copy = $.list();
    for (let at = 0; at < value.length && at < MAX_EDGES; at++) copy[at] = readable(value[at], depth + 1, path);
    return copy;
  }

  function readableObject(value, depth, path) {
    const copy = { __proto__: null };
    const error = $.isError(value) ? { name: value.name, message: value.message } : undefined;
    const source = { __proto__: null, ...error, ...value };
    const keys = $.sort($.keys(source));
    for (let at = 0; at < keys.length && at < MAX_EDGES; at++) {
      const key = keys[at];
      if (key in DROPPED) continue;
      copy[key] = $.toLowerCase(key) === 'authorization' ? '[Redacted]' : readable(source[key], depth + 1, path);
    }
    return copy;
  }

  function messageText(value) {
    const text = typeof value === 'string' ? value : ($.stringify(readable(value, 0)) ?? $.String(value));
    return kit.sizeOf(text, 'utf8') <= MAX_MESSAGE ? text : cut(text);
  }

  /** A cut may split the last character; its remainder is dropped. */
  function cut(text) {
    let kept = kit.textOf($.subarray(kit.utf8(text), 0, MAX_MESSAGE));
    while ($.endsWith(kept, '\uFFFD')) kept = $.slice(kept, 0, -1);
    return kept;
  }

  function metaText(value) {
    if (!$.isObject(value)) return undefined;
    const meta = readable(value, 0);
    return $.stringify(kit.truncate(kit.isPlain(meta) ? meta : { __proto__: null, ...meta }, MAX_META));
  }

  const head = (level, message) => ({ __proto__: null, level, message });

  kit.line = (level, message, meta) => {
    const wanted = ALIASES[level] ?? (level in LEVELS ? level : 'info');
    if (LEVELS[wanted] < LEVELS[kit.run.loggerLevel] || wanted === 'off') return undefined;
    let text;
    let more;
    try {
      text = messageText(message);
      more = metaText(meta);
    } catch {
      text = '[a value that cannot be logged]';
    }
    return kit.notify('log', head(wanted, text), more);
  };

  /** Output of the function becomes a line of its log. A module that is loaded before its run has no log yet. */
  kit.print = (...values) => {
    if (kit.run.loggerLevel !== 'debug') return;
    let text;
    try {
      text = $.join($.map(values, messageText), ' ');
    } catch {
      text = '[a value that cannot be logged]';
    }
    kit.line('debug', text);
  };

  kit.log = async (...args) => {
    kit.checkAlive();
    const count = args.length;
    if (count === 0) return;
    const last = args[count - 1];
    const hasOptions = $.isObject(last) && 'level' in last;
    if (hasOptions && count === 1) return;
    const meta = count > (hasOptions ? 2 : 1) ? args[1] : undefined;
    const behind = kit.line(hasOptions ? $.String(last.level) : 'info', args[0], meta);
    if (behind) await $.own(behind); // awaiting here would keep calls that nobody awaits in memory
  };
})
