(function log(kit) {
  'use strict';

  const LEVELS = { debug: 0, info: 1, warn: 2, error: 3, off: 4 };
  const ALIASES = { http: 'info', verbose: 'debug', silly: 'debug' };
  const DROPPED = new Set(['httpAgent', 'httpsAgent', 'trace', '_sessionCache', 'stack']);
  const MAX_MESSAGE = 99_000;
  const MAX_META = 90_000;
  const MAX_DEPTH = 10;
  const MAX_EDGES = 20;

  const known = (level) => (typeof level === 'string' && Object.hasOwn(LEVELS, level) ? level : 'warn');

  kit.startLogger = (level) => {
    kit.run.logger = { level: known(level) };
  };

  kit.setLogger = ({ level } = {}) => {
    if (kit.run.logger.level === 'off') return; // the operator's off is final
    kit.run.logger = { level: known(level) };
  };

  /** A copy that is safe and small enough to store, with its keys in a stable order. */
  function readable(value, depth, path) {
    if (typeof value === 'bigint') return value.toString();
    if (typeof value === 'function' || typeof value === 'symbol') return `[${typeof value}]`;
    if (!kit.isObject(value)) return value;
    if (kit.Buffer.isBuffer(value)) return '[Buffer]';
    if (path.includes(value)) return '[Circular]';
    if (typeof value.toJSON === 'function') return readable(value.toJSON(), depth, [...path, value]);
    if (depth >= MAX_DEPTH) return Array.isArray(value) ? '[Array]' : '[Object]';
    const inner = [...path, value];
    if (Array.isArray(value)) return value.slice(0, MAX_EDGES).map((item) => readable(item, depth + 1, inner));
    return readableObject(value, depth, inner);
  }

  function readableObject(value, depth, path) {
    const copy = {};
    const error = value instanceof Error ? { name: value.name, message: value.message } : {};
    const source = { ...error, ...value };
    for (const key of Object.keys(source).sort().slice(0, MAX_EDGES)) {
      if (DROPPED.has(key)) continue;
      copy[key] = /^authorization$/i.test(key) ? '[Redacted]' : readable(source[key], depth + 1, path);
    }
    return copy;
  }

  function messageText(value) {
    const text = typeof value === 'string' ? value : (kit.stringify(readable(value, 0, [])) ?? String(value));
    if (kit.Buffer.byteLength(text) <= MAX_MESSAGE) return text;
    // Cutting bytes may split the last character; what is left of it is dropped.
    return kit.Buffer.from(text, 'utf8').subarray(0, MAX_MESSAGE).toString('utf8').replace(/\uFFFD+$/, '');
  }

  function metaText(value) {
    if (!kit.isObject(value)) return undefined;
    const meta = readable(value, 0, []);
    return kit.stringify(kit.truncate(kit.isPlain(meta) ? meta : { ...meta }, MAX_META));
  }

  kit.line = (level, message, meta) => {
    const wanted = ALIASES[level] ?? (Object.hasOwn(LEVELS, level) ? level : 'info');
    if (LEVELS[wanted] < LEVELS[kit.run.logger.level] || wanted === 'off') return;
    try {
      kit.notify('log', { level: wanted, message: messageText(message) }, metaText(meta));
    } catch {
      kit.notify('log', { level: wanted, message: '[a value that cannot be logged]' });
    }
  };

  /** What the function prints is a line of its log. A module that is loaded ahead of its run has none yet. */
  kit.print = (...values) => {
    if (kit.run.logger?.level !== 'debug') return;
    try {
      kit.line('debug', values.map(messageText).join(' '));
    } catch {
      kit.line('debug', '[a value that cannot be logged]');
    }
  };

  kit.log = async (...args) => {
    kit.checkAlive();
    if (args.length === 0) return;
    const last = args[args.length - 1];
    const hasOptions = kit.isObject(last) && 'level' in last;
    const [message, meta] = hasOptions ? args.slice(0, -1) : args;
    if (hasOptions && args.length === 1) return;
    kit.line(hasOptions ? String(last.level) : 'info', message, meta);
  };
})
