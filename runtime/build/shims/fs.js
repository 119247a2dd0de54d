// `fs`, `fs-extra` and `graceful-fs`: no file exists; functions report that in their usual way.
const { Readable, Writable } = require('stream');
const { refusal } = require('./unavailable.js');

const refused = (name) => refusal(`fs.${name}`, 'functions have no file system');
const stopped = (stream, name) => {
  process.nextTick(() => stream.destroy(refused(name)));
  return stream;
};
const known = new Map(Object.entries({
  constants: {},
  existsSync: () => false,
  // A caller that passes its own writer to unzipper needs no folder; other callers get an error when the file is opened.
  ensureDir: async () => undefined,
  createReadStream: () => stopped(new Readable({ read: () => undefined }), 'createReadStream'),
  createWriteStream: () => stopped(new Writable({ write: () => undefined }), 'createWriteStream'),
}));

function missing(name) {
  return (...args) => {
    const callback = args.at(-1);
    if (name.endsWith('Sync')) throw refused(name);
    if (typeof callback !== 'function') return Promise.reject(refused(name));
    process.nextTick(callback, refused(name));
    return undefined;
  };
}

const get = (target, name) => {
  if (name === '__esModule') return true;
  if (name === 'then' || typeof name === 'symbol') return undefined;
  if (name === 'default' || name === 'promises') return module.exports;
  if (!known.has(name)) known.set(name, missing(name));
  return known.get(name);
};
module.exports = new Proxy({}, { get });
