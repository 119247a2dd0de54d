/** The functions of Node that the platform's code in a realm calls: texts, numbers and bytes in, texts and numbers out. */
import { AsyncResource } from 'node:async_hooks';
import legacy from 'node:url';
import zlib from 'node:zlib';
import { checkText, fill, viewOf } from './border.mjs';

const { prototype } = Buffer;
const SLICE = { __proto__: null };
const WRITE = { __proto__: null };
for (const name of ['utf8', 'latin1', 'ascii', 'ucs2', 'hex', 'base64', 'base64url']) {
  SLICE[name] = prototype[`${name}Slice`];
  WRITE[name] = prototype[`${name}Write`];
}

const [QUOTE, BACKSLASH, BRACKET, BRACKET_END, BRACE, BRACE_END] = [...'"\\[]{}'].map((sign) => sign.charCodeAt(0));

const PARTS = ['href', 'origin', 'protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname', 'search', 'hash'];
const shown = (url) => JSON.stringify(PARTS.map((name) => url[name]));

const LEGACY = {
  __proto__: null,
  parse: (text, query, slashes) => ({ ...legacy.parse(text, query, slashes) }),
  format: (value) => legacy.format(value),
  formatUrl: (href, options) => legacy.format(new URL(href), options),
  resolve: (from, to) => legacy.resolve(from, to),
  domainToASCII: legacy.domainToASCII,
  domainToUnicode: legacy.domainToUnicode,
  fileURLToPath: (target) => legacy.fileURLToPath(target),
  pathToFileURL: (path) => legacy.pathToFileURL(path.startsWith('/') ? path : `/${path}`).href, // hides where the worker runs
  urlToHttpOptions: (href) => ({ ...legacy.urlToHttpOptions(new URL(href)) }),
};

/** Limits decompression, so that a few bytes cannot fill the worker's memory. */
const MOST_INFLATED = 256 * 1024 * 1024;
const ZLIB = {
  __proto__: null,
  inflate: zlib.inflateSync, inflateRaw: zlib.inflateRawSync, gunzip: zlib.gunzipSync, unzip: zlib.unzipSync, brotliDecompress: zlib.brotliDecompressSync,
  deflate: zlib.deflateSync, deflateRaw: zlib.deflateRawSync, gzip: zlib.gzipSync,
};

export const failed = ({ name, message, code }) => JSON.stringify({ name: `${name}`, message: `${message}`, code });

/** The properties that Node reads of every unhandled rejected promise of any realm: at once, and again after the tasks of the realm. */
const readByNode = Object.getOwnPropertySymbols(new AsyncResource('millrace'));

/** Whether arrays and objects of a JSON text are nested more than `levels` deep. */
function isDeeper(text, levels) {
  if (text.length < 2 * levels) return false; // each level has an opening and a closing bracket
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (quoted) {
      if (code === BACKSLASH) at += 1;
      else if (code === QUOTE) quoted = false;
    } else if (code === QUOTE) quoted = true;
    else if (code === BRACKET || code === BRACE) {
      depth += 1;
      if (depth > levels) return true;
    } else if (code === BRACKET_END || code === BRACE_END) depth -= 1;
  }
  return false;
}

export const natives = {
  isDeeper: (text, levels) => isDeeper(checkText(text, 'What is measured'), levels),
  isReadByNode: (name) => readByNode.includes(name),
  decode: (bytes, encoding) => {
    const view = viewOf(bytes);
    return Reflect.apply(SLICE[encoding], view, [0, view.length]);
  },
  encode: (text, encoding, bytes) => {
    const view = viewOf(bytes);
    return Reflect.apply(WRITE[encoding], view, [checkText(text, 'What is encoded'), 0, view.length]);
  },
  sizeOf: (text, encoding) => Buffer.byteLength(checkText(text, 'What is measured'), encoding),
  parseUrl: (input, base) => (URL.canParse(input, base) ? shown(new URL(input, base)) : ''),
  changeUrl(href, name, value) {
    if (!PARTS.includes(name) || (name === 'href' && !URL.canParse(value))) return '';
    const url = new URL(href);
    url[name] = checkText(value, 'A part of a URL');
    return shown(url);
  },
  parseQuery: (text) => JSON.stringify([...new URLSearchParams(checkText(text, 'A query'))]),
  printQuery: (pairs) => new URLSearchParams(JSON.parse(pairs)).toString(),
  legacyUrl(method, args) {
    try {
      return JSON.stringify({ value: LEGACY[method](...JSON.parse(args)) });
    } catch ({ message, code, input }) {
      return JSON.stringify({ error: { message, code, input } });
    }
  },
};

/** Compresses and decompresses. Returns the length of the result, which `takeZlib` then copies, or an error as a text. */
export function compression() {
  let last;
  return {
    zlib(kind, bytes) {
      try {
        last = ZLIB[kind](Buffer.from(viewOf(bytes)), { maxOutputLength: MOST_INFLATED });
        return last.length;
      } catch (error) {
        return failed(error);
      }
    },
    takeZlib(target) {
      fill(target, last);
      last = undefined;
    },
  };
}
