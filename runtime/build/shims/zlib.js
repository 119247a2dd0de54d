// `zlib`: Node processes complete contents, so streams produce output only when they have received everything.
const { Transform } = require('stream');

const METHODS = {
  Inflate: 'inflate', InflateRaw: 'inflateRaw', Gunzip: 'gunzip', Unzip: 'unzip', BrotliDecompress: 'brotliDecompress', Gzip: 'gzip', Deflate: 'deflate',
  DeflateRaw: 'deflateRaw',
};
const perform = (kind, bytes) => native.zlib(kind, typeof bytes === 'string' ? Buffer.from(bytes) : bytes);

function streamOf(kind) {
  const parts = [];
  return new Transform({
    transform(chunk, encoding, done) {
      parts.push(chunk);
      done();
    },
    flush(done) {
      try {
        this.push(perform(kind, Buffer.concat(parts)));
        done();
      } catch (error) {
        done(error);
      }
    },
  });
}

function withCallback(kind, bytes, options, callback = options) {
  let result;
  try {
    result = perform(kind, bytes);
  } catch (error) {
    return process.nextTick(callback, error);
  }
  return process.nextTick(callback, null, result);
}

for (const [name, kind] of Object.entries(METHODS)) {
  exports[`create${name}`] = () => streamOf(kind);
  exports[`${kind}Sync`] = (bytes) => perform(kind, bytes);
  exports[kind] = (bytes, options, callback) => withCallback(kind, bytes, options, callback);
}
exports.constants = {};
