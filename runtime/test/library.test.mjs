import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import url from 'node:url';
import zlib from 'node:zlib';
import { Worker, action } from './link.mjs';

let worker;
before(async () => {
  worker = await Worker.start();
});
after(() => worker.stop());

async function output(body, options) {
  const result = await worker.run(action(body), options);
  assert.ok('output' in result, JSON.stringify(result.failed));
  return JSON.parse(result.output);
}

/** The same text of code gives the same in a function and in Node. */
async function same(body) {
  const node = await new Function('require', 'Buffer', 'URL', 'URLSearchParams', `return (async () => {${body}})()`)((name) => ({ crypto, url })[name], Buffer, URL, URLSearchParams);
  assert.deepEqual(await output(body), JSON.parse(JSON.stringify(node)), body);
}

describe('what a function is given instead of Node\'s own', () => {
  it('Buffer', async () => {
    await same(`const out = [];
      for (const encoding of ['utf8', 'UTF-8', 'hex', 'base64', 'base64url', 'latin1', 'binary', 'ascii', 'ucs2', 'utf16le']) for (const text of ['', 'abcd', 'grün €😀', 'ff00zz', 'aGk=', 'a-_b', 'x'.repeat(100)]) {
        const bytes = Buffer.from(text, encoding);
        out.push(bytes.toString(), bytes.toString(encoding), bytes.toString('base64url'), Buffer.byteLength(text, encoding), bytes.length);
      }
      return out;`);
    await same(`const b = Buffer.alloc(16); b.writeUInt32BE(0xdeadbeef, 0); b.writeDoubleLE(1.5, 4); b.write('hé', 12, 'utf8'); b.write('zz', 14);
      return [b.toString('hex'), b.readUInt32LE(0), b.readInt16BE(1), b.readDoubleLE(4), b.indexOf('zz'), b.includes('q'), b.subarray(2, 5).toString('hex'), b.slice(-3).toString('latin1'), b.equals(Buffer.from(b)), Buffer.compare(Buffer.from('a'), Buffer.from('b')),
        Buffer.concat([Buffer.from('a'), new Uint8Array([98, 99])]).toString(), Buffer.concat([Buffer.from('abc')], 2).toString(), JSON.stringify(Buffer.from('hi')), Buffer.isBuffer(b), Buffer.isBuffer(new Uint8Array(1)), Buffer.isEncoding('base64url'), Buffer.from([1, 256, -1]).toString('hex'), Buffer.from({ type: 'Buffer', data: [1, 2] }).toString('hex'),
        Buffer.from(new Uint16Array([1, 300])).toString('hex'), Buffer.from(new ArrayBuffer(2)).length, Buffer.alloc(3, 'ab').toString(), Buffer.alloc(4, 'YQ==', 'base64').toString(), Buffer.from('abcabc').lastIndexOf('abc'), Buffer.from('test').swap16().toString(), [...Buffer.from('ab').entries()], b.readBigUInt64LE(0).toString(), Buffer.from('x').toString('utf8', 0, 0), Buffer.from('xyz').toString('utf8', 1), Buffer.from('xyz').toString(undefined, 1, 2)];`);
    assert.match((await worker.run(action('Buffer.from("a").toString("nope")'))).failed.payload.message, /Unknown encoding: nope/);
    assert.equal(await output('return Buffer.from("a") instanceof Buffer && new Buffer("ab").toString() === "ab"'), true);
  });

  it('URL and URLSearchParams', async () => {
    await same(`const u = new URL('https://user:p%20w@EXAMPLE.com:8443/a/../b?x=1&y=a+b&x=2#f'); u.searchParams.append('z', 'ä&='); u.searchParams.delete('y'); u.pathname = '/c d'; u.port = '443'; u.hash = ''; u.searchParams.set('x', '9');
      const p = new URLSearchParams({ b: '2', a: '1' }); p.sort(); p.append('a', '3');
      return [u.href, String(u), JSON.stringify({ u }), u.origin, u.host, u.hostname, u.username, u.password, u.protocol, u.search, [...u.searchParams], p.toString(), p.getAll('a'), p.has('b', '2'), p.size, [...p.keys()], new URLSearchParams('?a=b&c').get('c'), new URLSearchParams([['k', 'v']]).toString(), new URLSearchParams(new URLSearchParams('m=n')).toString(),
        new URL('../x', 'https://a.example/b/c/d').href, URL.canParse('nope'), URL.canParse('/x', 'https://a'), Object.prototype.toString.call(u)];`);
    await same('try { new URL("nope") } catch (e) { return [e.name, e.message, e.code, e.input] }');
    await same(`const url = require('url'); const p = url.parse('http://u:p@host.example:80/p/a?x=1&y=2#h', true); return [p.protocol, p.auth, p.host, p.port, p.pathname, p.search, p.query, p.hash, p.href, p.path, url.format(p), url.format({ protocol: 'https', host: 'a.b', pathname: '/x', query: { q: 1 } }), url.format(new URL('https://a.b/?c#d'), { fragment: false }), url.resolve('/one/two', 'three'), url.domainToASCII('español.com'), url.fileURLToPath('file:///a/b'), new url.URL('https://x.example').host];`);
  });

  it('crypto: hashes, keys, signatures, ciphers', async () => {
    await same(`const c = require('crypto'), key = 'secret';
      const cipher = c.createCipheriv('aes-256-gcm', Buffer.alloc(32, 1), Buffer.alloc(12, 2)); const sealed = Buffer.concat([cipher.update('text', 'utf8'), cipher.final()]);
      const open = c.createDecipheriv('aes-256-gcm', Buffer.alloc(32, 1), Buffer.alloc(12, 2)); open.setAuthTag(cipher.getAuthTag());
      return [c.createHash('sha256').update('a').update(Buffer.from('b')).digest('hex'), c.createHash('md5').update('ä', 'latin1').digest('base64'), c.createHmac('sha1', key).update('x').digest('base64url'), c.createHmac('sha512', Buffer.from(key)).update('x').digest().toString('hex'),
        c.pbkdf2Sync('p', 's', 10, 16, 'sha256').toString('hex'), c.scryptSync('p', 's', 16, { N: 16 }).toString('hex'), Buffer.from(c.hkdfSync('sha256', 'k', 's', 'i', 16)).toString('hex'), c.timingSafeEqual(Buffer.from('a'), Buffer.from('a')), sealed.toString('hex'), cipher.getAuthTag().toString('hex'), open.update(sealed, undefined, 'utf8') + open.final('utf8'),
        c.randomBytes(7).length, c.randomUUID().length, c.randomInt(1, 2), c.getRandomValues(new Uint8Array(3)).length, typeof c.constants.RSA_PKCS1_PADDING, c.getHashes().includes('sha256'), c.createHash('sha1').copy().digest('hex'), c.hash ? c.hash('sha1', 'q') : '', Buffer.from(await c.subtle.digest('SHA-256', Buffer.from('a'))).toString('hex'), c.createHash('sha256') instanceof c.Hash];`);
    const { privateKey, publicKey } = crypto.generateKeyPairSync('rsa', { modulusLength: 1024 });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
    const { signature, jwk, type } = await output(`const c = require('node:crypto'); const key = c.createPrivateKey(input.pem);
      const signature = c.createSign('RSA-SHA256').update('a.b').sign(input.pem, 'base64url');
      if (c.sign('sha256', Buffer.from('a.b'), { key, padding: c.constants.RSA_PKCS1_PADDING }).toString('base64url') !== signature) throw new Error('differs');
      if (!c.createVerify('RSA-SHA256').update('a.b').verify(c.createPublicKey(key), signature, 'base64url')) throw new Error('refused');
      if (c.privateDecrypt(key, c.publicEncrypt(input.pem, Buffer.from('hi'))).toString() !== 'hi') throw new Error('lost');
      return { signature, jwk: c.createPublicKey(key).export({ format: 'jwk' }).kty, type: key.asymmetricKeyType + key.type };`, { input: { pem } });
    assert.ok(crypto.verify('sha256', Buffer.from('a.b'), publicKey, Buffer.from(signature, 'base64url')));
    assert.deepEqual([jwk, type], ['RSA', 'rsaprivate']);
    assert.equal(await output('const { randomBytes, scrypt, generateKeyPair } = require("crypto"); const a = await new Promise((r) => randomBytes(4, (e, b) => r(b.length))); const b = await new Promise((r) => scrypt("a", "b", 8, (e, k) => r(k.length))); const c = await new Promise((r) => generateKeyPair("ed25519", {}, (e, p, s) => r(p.type + s.type))); return a + b + c'), '12publicprivate');
    await same('try { require("crypto").createHash("nope") } catch (e) { return [e.name, e.message, e.code] }');
    await same('try { require("crypto").createHmac("sha1", undefined) } catch (e) { return [e.name, e.code] }');
    await same('const h = require("crypto").createHash("sha1"); h.digest(); try { h.digest() } catch (e) { return [e.message, e.code] }');
  });

  it('Buffer: copies of views, comparisons that refuse other things', async () => {
    await same(`return [Buffer.copyBytesFrom(new Uint16Array([1, 300, 5]), 1, 1).toString('hex'), Buffer.copyBytesFrom(new Uint8Array([1, 2, 3]), 1).toString('hex'), Buffer.from('a').equals(new Uint8Array([97])), Buffer.from('a').equals(Buffer.from('b'))];`);
    await same('try { Buffer.from("a").equals("a") } catch (e) { return [e.name, e.code] }');
    await same('return [new URLSearchParams(null).toString(), new URLSearchParams(undefined).toString()];');
  });

  it('zod: formats of texts that it checks by what Node has', async () => {
    assert.deepEqual(
      await output(`const { z } = require('zod');
        const ok = (schema, value) => schema.safeParse(value).success;
        return [
          ok(z.url(), 'https://a.example/b?c'), ok(z.url(), 'nope'), ok(z.string().url(), 'ftp://x'), ok(z.httpUrl?.() ?? z.url(), 'https://a.example'),
          ok(z.base64(), 'aGk='), ok(z.base64(), 'a*'), ok(z.string().base64(), 'aGk'), ok(z.base64url(), 'a-_b'), ok(z.jwt(), 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.c2ln'), ok(z.jwt(), 'a.b.c'),
          ok(z.ipv6(), '::1'), ok(z.ipv6(), 'x'), ok(z.cidrv6(), '::/64'), ok(z.object({ f: z.file().optional() }), {}),
        ];`),
      [true, false, true, true, true, false, false, true, true, false, true, false, true, true],
    );
  });

  for (const [kind, copy] of [['from a module', '__toESM(require("zod"), 1)'], ['from other files', '__toESM(require("zod"))']]) {
    it(`zod as bundlers import all of it ${kind}, like the copy that they make of it`, async () => {
      const helpers = `var __toESM = (mod, isNodeMode) => {
        const to = Object.create(Object.getPrototypeOf(mod));
        if (isNodeMode || !mod.__esModule) Object.defineProperty(to, 'default', { value: mod, enumerable: true });
        for (const key of Object.getOwnPropertyNames(mod)) {
          if (!Object.hasOwn(to, key)) Object.defineProperty(to, key, { get: () => mod[key], enumerable: Object.getOwnPropertyDescriptor(mod, key).enumerable });
        }
        return to;
      };`;
      const names = 'const names = (x) => Object.getOwnPropertyNames(x).map((key) => `${key} ${Object.getOwnPropertyDescriptor(x, key).enumerable}`);';
      const code = `${helpers}\nvar given = ${copy};\nvar copied = /* not a line of its own */ ${copy};\n${names}
        exports.default = () => [given === copied, Object.getPrototypeOf(given) === Object.getPrototypeOf(copied), names(copied).length > 200,
          names(given).sort().join() === names(copied).sort().join(), Object.keys(copied).filter((key) => given[key] !== copied[key]),
          given.object({ a: given.string() }).parse({ a: 'x' }), given.default === copied.default];`;
      const { output: text } = await worker.run(code);
      assert.deepEqual(JSON.parse(text), [false, true, true, true, [], { a: 'x' }, true]);
    });
  }

  it('zod beside data with awkward names', async () => {
    assert.deepEqual(await output('const s = z.object({ constructor: z.string(), toString: z.number() }); const r = s.parse({ constructor: "Ferrari", toString: 1 }); r.valueOf = 2; return [r, z.record(z.string(), z.any()).parse({ hasOwnProperty: 1 }), z.email().safeParse("a@b.co").success, z.email().safeParse("x").error.issues[0].code, z.toJSONSchema(z.object({ a: z.string() })).properties.a.type, z.config(z.locales.en()).localeError === undefined]'),
      [{ constructor: 'Ferrari', toString: 1, valueOf: 2 }, { hasOwnProperty: 1 }, true, 'invalid_format', 'string', false]);
    const { failed } = await worker.run(action('z.config(z.locales.de())'));
    assert.equal(failed.payload.message, "zod's locale 'de' is not available in functions, only 'en' is");
  });

  it('streams of answers, into packages as well', async () => {
    const name = Buffer.from('a.txt');
    const content = Buffer.from('zipped '.repeat(100));
    const deflated = zlib.deflateRawSync(content);
    const header = (signature, length) => {
      const bytes = Buffer.alloc(length);
      bytes.writeUInt32LE(signature);
      return bytes;
    };
    const local = header(0x04034b50, 30);
    const central = header(0x02014b50, 46);
    for (const [bytes, at] of [[local, 4], [central, 6]]) {
      bytes.writeUInt16LE(20, at);
      bytes.writeUInt16LE(8, at + 4);
      bytes.writeUInt32LE(zlib.crc32(content), at + 10);
      bytes.writeUInt32LE(deflated.length, at + 14);
      bytes.writeUInt32LE(content.length, at + 18);
      bytes.writeUInt16LE(name.length, at + 22);
    }
    const end = header(0x06054b50, 22);
    end.writeUInt16LE(1, 8);
    end.writeUInt16LE(1, 10);
    end.writeUInt32LE(central.length + name.length, 12);
    end.writeUInt32LE(local.length + name.length + deflated.length, 16);
    const zip = Buffer.concat([local, name, deflated, central, name, end]);
    const host = () => ({ head: { status: 200, headers: {} }, body: zip });
    assert.deepEqual(await output(`const unzipper = require('unzipper'); const { data } = await nango.get({ endpoint: '/', responseType: 'arraybuffer' });
      const directory = await unzipper.Open.buffer(data); const text = (await directory.files[0].buffer()).toString();
      const chunks = []; for await (const chunk of directory.files[0].stream()) chunks.push(chunk);
      const { data: stream } = await nango.get({ endpoint: '/', responseType: 'stream' });
      const names = []; for await (const entry of stream.pipe(unzipper.Parse({ forceStream: true }))) { names.push(entry.path, (await entry.buffer()).length); }
      return [directory.files[0].path, text.length, Buffer.concat(chunks).toString() === text, names];`, { host }), ['a.txt', 700, true, ['a.txt', 700]]);
    assert.deepEqual(await output(`const get = async () => (await nango.get({ endpoint: '/', responseType: 'stream' })).data; const out = [];
      const s = await get(); const chunks = []; await new Promise((resolve, reject) => s.on('data', (c) => chunks.push(c)).on('end', resolve).on('error', reject)); out.push(Buffer.concat(chunks).length);
      const parts = []; for await (const part of await get()) parts.push(part); out.push(Buffer.concat(parts).length, Buffer.isBuffer(parts[0]));
      const hash = require('crypto').createHash('md5'); const t = await get(); await new Promise((r) => { t.pipe(hash); t.on('end', r) }); out.push(hash.digest('hex'));
      const e = await get(); e.setEncoding('hex'); out.push((await e.toArray()).join('').length); return out`, { host }),
      [zip.length, zip.length, true, crypto.createHash('md5').update(zip).digest('hex'), zip.length * 2]);
  });
});
