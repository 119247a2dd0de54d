// Timers based on the realm's `setTimeout`, which cannot be cleared: a cleared timer does nothing when it fires.
const cleared = new WeakSet();
const clear = (timer) => void (timer && cleared.add(timer));

function setTimeout(callback, delay, ...args) {
  const timer = globalThis.setTimeout(() => {
    if (!cleared.has(timer)) callback(...args);
  }, delay);
  return timer;
}

function setInterval(callback, delay, ...args) {
  const interval = {};
  const again = () => void globalThis.setTimeout(() => {
    if (cleared.has(interval)) return;
    callback(...args);
    again();
  }, delay);
  again();
  return interval;
}

exports.setTimeout = setTimeout;
exports.setInterval = setInterval;
exports.setImmediate = (callback, ...args) => setTimeout(callback, 0, ...args);
exports.clearTimeout = clear;
exports.clearInterval = clear;
exports.clearImmediate = clear;
