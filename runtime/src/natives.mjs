/** What the shared realm of functions asks of Node: texts, numbers and bytes of that realm in, texts and numbers out. */
import legacy from 'node:url';
import { cryptography } from './cryptography.mjs';

const { prototype } = Buffer;
const SLICE = {};
const WRITE = {};
for (const name of ['utf8', 'latin1', 'ascii', 'ucs2', 'hex', 'base64', 'base64url']) {
  SLICE[name] = prototype[`${name}Slice`];
  WRITE[name] = prototype[`${name}Write`];
}

const PARTS = ['href', 'origin', 'protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname', 'search', 'hash'];
const shown = (url) => JSON.stringify(PARTS.map((name) => url[name]));

/** Views of Node's own over bytes of the other realm: nothing of theirs is asked but the memory. */
const ours = (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const LEGACY = {
  parse: (text, query, slashes) => ({ ...legacy.parse(text, query, slashes) }),
  format: (value) => legacy.format(value),
  formatUrl: (href, options) => legacy.format(new URL(href), options),
  resolve: (from, to) => legacy.resolve(from, to),
  domainToASCII: legacy.domainToASCII,
  domainToUnicode: legacy.domainToUnicode,
  fileURLToPath: (target) => legacy.fileURLToPath(target),
  pathToFileURL: (path) => legacy.pathToFileURL(path).href,
  urlToHttpOptions: (href) => ({ ...legacy.urlToHttpOptions(new URL(href)) }),
};

export const natives = {
  copy: (from, to) => void to.set(from),
  decode: (bytes, encoding) => Reflect.apply(SLICE[encoding], bytes, [0, bytes.length]),
  encode: (text, encoding, bytes) => Reflect.apply(WRITE[encoding], bytes, [text, 0, bytes.length]),
  atob: (text) => atob(text),
  btoa: (text) => btoa(text),
  sizeOf: (text, encoding) => Buffer.byteLength(text, encoding),
  parseUrl: (input, base) => (URL.canParse(input, base) ? shown(new URL(input, base)) : ''),
  changeUrl(href, name, value) {
    if (name === 'href' && !URL.canParse(value)) return '';
    const url = new URL(href);
    url[name] = value;
    return shown(url);
  },
  parseQuery: (text) => JSON.stringify([...new URLSearchParams(text)]),
  printQuery: (pairs) => new URLSearchParams(JSON.parse(pairs)).toString(),
  legacyUrl(text) {
    const [method, ...args] = JSON.parse(text);
    try {
      return JSON.stringify({ value: LEGACY[method](...args) });
    } catch ({ message, code, input }) {
      return JSON.stringify({ error: { message, code, input } });
    }
  },
  crypto: cryptography(ours),
};
