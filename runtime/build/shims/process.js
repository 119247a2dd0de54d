// `process`: ticks are microtasks; everything else describes a machine that does not exist.
module.exports = {
  nextTick: (callback, ...args) => void Promise.resolve().then(() => callback(...args)),
  env: {},
  argv: [],
  execArgv: [],
  version: 'v26.0.0',
  versions: { node: '26.0.0' },
  platform: 'linux',
  arch: 'x64',
  pid: 1,
  browser: false,
  cwd: () => '/',
  emitWarning: () => undefined,
};
