/**
 * Bundles soap, unzipper and botbuilder so that they can be evaluated in the realm of one execution: Node's modules are
 * replaced by the files in `shims/`, which need no more than ECMAScript, Buffer, setTimeout, our `crypto` and `native.zlib`.
 */
import { readFileSync } from 'node:fs';
import { STATUS_CODES } from 'node:http';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const require = createRequire(import.meta.url);
const shim = (name) => fileURLToPath(new URL(`./shims/${name}${name.includes('.') ? '' : '.js'}`, import.meta.url));
const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Modules that the rest of the runtime provides. */
const EXTERNAL = new Set(['buffer', 'crypto', 'url']);

/**
 * Node's modules and npm packages that are replaced. A trailing slash selects the npm package where Node has a module with the same name.
 */
const REPLACED = {
  'abort-controller': shim('abort-controller'),
  assert: shim('assert'),
  axios: shim('axios'),
  '@azure/core-client': shim('azure-core-client'),
  bluebird: shim('bluebird'),
  debug: shim('debug'),
  events: require.resolve('events/'),
  formidable: shim('formidable.mjs'),
  fs: shim('fs'),
  'fs-extra': shim('fs'),
  'graceful-fs': shim('fs'),
  http: shim('http'),
  os: shim('os'),
  path: require.resolve('path-browserify'),
  process: shim('process'),
  'readable-stream': shim('stream'),
  stream: shim('stream'),
  'string_decoder': require.resolve('string_decoder/'),
  util: shim('util'),
  // All parts of botbuilder use the same version of zod; without this, each would have its own copy.
  zod: createRequire(require.resolve('botframework-schema')).resolve('zod'),
  zlib: shim('zlib'),
};

const NETWORK = 'functions reach the network through the nango object only';
const FILES = 'functions have no file system';
/** Modules that cannot work at all: name, description for errors, and reason. */
const MISSING = [
  [/^(https|@aws-sdk\/client-s3)$/, (name) => name, NETWORK],
  [/^axios-ntlm$/, () => 'NTLM authentication', NETWORK],
  [/^(@azure\/core-http-compat|@azure\/core-rest-pipeline|botframework-streaming|cross-fetch)$/, (name) => `Bot Framework connector: ${name}`, NETWORK],
  [/^(@azure\/core-auth|@azure\/identity|@azure\/msal-node|https-proxy-agent|jsonwebtoken|node-fetch|openssl-wrapper|rsa-pem-from-mod-exp)$/, (name) => `Bot Framework authentication: ${name}`, NETWORK],
  [/^fs-extra$/, (name) => `FileTranscriptStore: ${name}`, FILES],
];

/** Modules compiled by TypeScript: their imports can be delayed until they are used. */
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
      // The replacement of streams is built from the same package that others get it for.
      if (importer === shim('stream')) return undefined;
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
  },
};

/**
 * @param {'soap' | 'unzipper' | 'botbuilder'} name
 * @returns {Promise<string>} the body of a function `(module, exports, require, native)`, which sets `module.exports`
 */
export async function packageText(name) {
  const { outputFiles } = await build({
    stdin: { contents: `module.exports = require(${JSON.stringify(name)});`, resolveDir: ROOT },
    bundle: true,
    format: 'cjs',
    platform: 'neutral',
    mainFields: ['main'],
    conditions: ['require', 'node'],
    target: 'esnext',
    // Names are kept, because stack traces show them.
    minifyWhitespace: true,
    minifySyntax: true,
    lineLimit: 160,
    legalComments: 'eof',
    define: { global: 'globalThis', 'process.env.NODE_ENV': '"production"', NODE_STATUS_CODES: JSON.stringify(STATUS_CODES) },
    inject: [shim('globals.mjs')],
    plugins: [adapted],
    write: false,
    logLevel: 'error',
    absWorkingDir: ROOT,
  });
  return outputFiles[0].text;
}
