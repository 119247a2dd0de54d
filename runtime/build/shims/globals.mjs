// Names of Node's global object that the packages use and the realm does not have.
export { default as process } from './process.js';
export { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, clearImmediate } from './timers.js';
export const queueMicrotask = (callback) => void Promise.resolve().then(callback);
