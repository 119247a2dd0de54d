/**
 * Bundles soap, unzipper and botbuilder so that they can be evaluated in the realm of one execution: Node's modules are
 * replaced by the files in `shims/`, which need no more than ECMAScript, Buffer, setTimeout, our `crypto` and `native.zlib`.
 */
import { readFileSync } from 'node:fs';
import { STATUS_CODES } from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const require = createRequire(import.meta.url);
const shim = (name) => fileURLToPath(new URL(`./shims/${name}${name.includes('.') ? '' : '.js'}`, import.meta.url));
const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Names the rest of the runtime answers itself. */
const EXTERNAL = new Set(['buffer', 'crypto', 'url']);

/** Node's modules and npm packages that have a replacement. A trailing slash finds the npm package of a name that Node has a module for. */
const REPLACED = {
  'abort-controller': shim('abort-controller'),
  assert: shim('assert'),
  'async_hooks': shim('async-hooks'),
  axios: shim('axios'),
  '@azure/core-client': shim('azure-core-client'),
  bluebird: shim('bluebird'),
  debug: shim('debug'),
  events: require.resolve('events/'),
  formidable: shim('formidable.mjs'),
  fs: shim('fs'),
  'fs/promises': shim('fs-promises'),
  'fs-extra': shim('fs'),
  'graceful-fs': shim('fs'),
  http: shim('http'),
  os: shim('os'),
  path: require.resolve('path-browserify'),
  process: shim('process'),
  'readable-stream': shim('stream'),
  stream: shim('stream'),
  'stream/promises': shim('stream-promises'),
  'string_decoder': require.resolve('string_decoder/'),
  timers: shim('timers'),
  util: shim('util'),
  // All parts of botbuilder use the same version of zod, each a copy of its own.
  zod: createRequire(require.resolve('botframework-schema')).resolve('zod'),
  zlib: shim('zlib'),
};

const NETWORK = 'functions reach the network through the nango object only';
const FILES = 'functions have no file system';
const NOWHERE = 'functions have no processes and threads';
const MISSING = [
  [/^(http2|https|net|tls|dns|dgram)$/, (name) => name, NETWORK],
  [/^(axios-ntlm)$/, () => 'NTLM authentication', NETWORK],
  [/^@aws-sdk\/client-s3$/, (name) => name, NETWORK],
  [/^(@azure\/(?!core-rest-pipeline|core-http-compat).*|jsonwebtoken|node-fetch|openssl-wrapper|rsa-pem-from-mod-exp|https-proxy-agent)$/, (name) => `Bot Framework authentication: ${name}`, NETWORK],
  [/^(@azure\/core-rest-pipeline|@azure\/core-http-compat|cross-fetch|ws|botframework-streaming)$/, (name) => `Bot Framework connector: ${name}`, NETWORK],
  [/^(filenamify|fs-extra)$/, (name) => `FileTranscriptStore: ${name}`, FILES],
  [/^(child_process|worker_threads|cluster|vm|module|v8|perf_hooks|tty)$/, (name) => name, NOWHERE],
];

/** Modules the TypeScript compiler wrote: their imports can wait until they are used. */
const COMPILED = /node_modules\/(soap|xml-crypto|botbuilder|botbuilder-core|botbuilder-stdlib|botbuilder-dialogs-adaptive-runtime-core|botframework-connector|botframework-schema)\/lib\/.*\.js$/;

/**
 * Makes imports lazy: `const a_1 = require("./a")`, used as `a_1.name`, and `__exportStar(require("./a"), exports)`.
 * @param {string} text
 * @param {string} file
 */
function lazy(text, file) {
  const load = createRequire(file);
  const names = [];
  const declared = text.replace(/^(?:const|var|let) (\w+_\d+) = require\(("[^"]+")\);$/gm, (statement, name, from) => {
    const uses = text.match(new RegExp(`\\b${name}\\b(?!\\.\\w)`, 'g')) ?? [];
    if (uses.length !== 1) return statement;
    names.push(name);
    return `const ${name} = () => require(${from});`;
  });
  const used = names.reduce((all, name) => all.replace(new RegExp(`\\b${name}\\.`, 'g'), `(${name}()).`), declared);
  return used.replace(/^__exportStar\(require\(("[^"]+")\), exports\);$/gm, (statement, from) => {
    const exported = Object.keys(load(JSON.parse(from))).filter((name) => name !== 'default');
    return exported.length ? `require(${JSON.stringify(shim('lazily'))})(exports, ${JSON.stringify(exported)}, () => require(${from}));` : '';
  });
}

const adapted = {
  name: 'adapted',
  setup(it) {
    it.onResolve({ filter: /.*/ }, ({ path: asked, importer }) => {
      if (/^[./]/.test(asked)) return undefined;
      const name = asked.replace(/^node:/, '').replace(/\/$/, '');
      if (EXTERNAL.has(name)) return { path: name, external: true };
      // The shim of streams is made of the package that others get it for.
      if (importer === shim('stream') || importer === shim('stream-promises')) return undefined;
      const inBotbuilder = /[/\\]node_modules[/\\]botbuilder[/\\]/.test(importer);
      if (Object.hasOwn(REPLACED, name) && !(name === 'fs-extra' && inBotbuilder)) return { path: REPLACED[name], sideEffects: false };
      return MISSING.some(([pattern]) => pattern.test(name)) ? { path: name, namespace: 'missing' } : undefined;
    });
    it.onLoad({ filter: /.*/, namespace: 'missing' }, ({ path: name }) => {
      const [, called, why] = MISSING.find(([pattern]) => pattern.test(name));
      return {
        contents: `module.exports = require(${JSON.stringify(shim('unavailable'))}).unavailable(${JSON.stringify(called(name))}, ${JSON.stringify(why)});`,
        resolveDir: ROOT,
      };
    });
    it.onLoad({ filter: COMPILED }, ({ path: file }) => ({ contents: lazy(readFileSync(file, 'utf8'), file), loader: 'js' }));
    it.onLoad({ filter: /shims[/\\]http\.js$/ }, ({ path: file }) => ({
      contents: readFileSync(file, 'utf8').replace('STATUS_CODES', JSON.stringify(STATUS_CODES)),
    }));
  },
};

async function bundle(name) {
  return build({
    stdin: { contents: `module.exports = require(${JSON.stringify(name)});`, resolveDir: ROOT },
    bundle: true,
    format: 'cjs',
    platform: 'neutral',
    mainFields: ['main'],
    conditions: ['require', 'node'],
    target: 'esnext',
    // Names stay: stack traces show them.
    minifyWhitespace: true,
    minifySyntax: true,
    lineLimit: 160,
    legalComments: 'none',
    define: { global: 'globalThis', 'process.env.NODE_ENV': '"production"' },
    inject: [shim('globals.mjs')],
    plugins: [adapted],
    metafile: true,
    write: false,
    logLevel: 'error',
    absWorkingDir: ROOT,
  });
}

/**
 * @param {'soap' | 'unzipper' | 'botbuilder'} name
 * @returns {Promise<string>} the body of a function `(module, exports, require, native)`, which sets `module.exports`
 */
export async function packageText(name) {
  const { outputFiles } = await bundle(name);
  return outputFiles[0].text;
}

/**
 * What a bundle is made of, the largest first.
 * @param {string} name
 * @returns {Promise<[string, number][]>} names of packages and their bytes
 */
export async function packageParts(name) {
  const { metafile } = await bundle(name);
  const parts = new Map();
  for (const [file, { bytesInOutput }] of Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs))) {
    const part = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? path.basename(path.dirname(file));
    parts.set(part, (parts.get(part) ?? 0) + bytesInOutput);
  }
  return [...parts].sort(([, a], [, b]) => b - a);
}
