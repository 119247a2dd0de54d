import assert from 'node:assert/strict';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { describe as describeBundles } from '../src/compile/describe.mjs';
import { ROOT } from '../src/node.mjs';
import { Worker, action } from './link.mjs';

const OF_WORKER = 'const ofWorker = (object) => { try { return object[Symbol.for("of the worker")] === true } catch { return false } };';
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

let worker;
const output = async (body, options) => {
  const result = await worker.run(action(`${OF_WORKER}\n${body}`), options);
  assert.ok('output' in result, JSON.stringify(result.failed));
  return JSON.parse(result.output);
};
const alive = async () => assert.equal(await output('return 1'), 1);

describe('attacks', () => {
  before(async () => { worker = await Worker.start({ preload: `${ROOT}test/escape/mark.mjs`, errors: 'pipe' }); });
  after(() => worker.stop());

  describe('on the realm of the worker', () => {
    it('a class that a function puts above those of crypto gets nothing', async () => {
      assert.deepEqual(await output(`
        const crypto = require('crypto'), seen = [];
        for (const name of ['Hash', 'Hmac']) Object.setPrototypeOf(crypto[name], function (...args) { seen.push(...args); return {} });
        const made = [crypto.createHash('sha1'), crypto.createHash('sha1').update('a').copy(), crypto.createHmac('sha1', 'a')];
        for (const name of ['Hash', 'Hmac']) { try { new crypto[name]('sha1', 'a').update('a') } catch {} }
        return [seen.filter((value) => typeof value === 'symbol' || ofWorker(value)).length, made[1].digest('hex')]`), [0, '86f7e437faa5a7fce15d1ddcb9eaeaea377667b8']);
    });

    const HIDDEN = {
      'a pattern after await': 'var await = 1, g = 1; await\n/ f(import("fs")) /g;',
      'a pattern after of': 'var g = 1; let of = 1\nof\n/ f(import("fs")) /g;',
      'a text that begins in such a pattern': 'var g = 1, s = 1; let of = 1\nof\n/ "" /g; f(import("fs")) //";',
      'import.source': 'try { f(import.source("fs")) } catch (e) { f(e) }',
      'import.defer': 'try { f(import.defer("fs")) } catch (e) { f(e) }',
    };
    for (const [name, code] of Object.entries(HIDDEN)) {
      it(`no import is left that looks like a text: ${name}`, async () => {
        const bundle = `var got = []; function f(x) { got.push(x); return 1 }\n${code}\nmodule.exports = { default: async () => { ${OF_WORKER}; for (const p of [...got]) await Promise.race([Promise.resolve(p).catch((e) => got.push(e)), new Promise((r) => setTimeout(r, 20))]); return got.filter(ofWorker).length } }`;
        const result = await worker.run(bundle);
        if (result.failed) assert.equal(result.failed.payload.name, 'SyntaxError', JSON.stringify(result.failed));
        else assert.equal(result.output, '0');
      });
    }

    it('the word import may stand in texts, patterns, comments and names', async () => {
      assert.deepEqual(await output('/* import("a") */ const o = { import(x) { return x } }; class A { #import = 2; get() { return this.#import } } return ["import(1)", /import\\((1)/.source, `import(${1})`, o.import(1), new A().get(), "\\import"]'),
        ['import(1)', 'import\\((1)', 'import(1)', 1, 2, 'import']);
    });
  });

  describe('after the end', () => {
    const TRAPS = {
      'a loop': 'new Proxy({}, { get() { for (;;); } })',
      'a loop of the handler': 'new Proxy({}, new Proxy({}, { get() { for (;;); } }))',
      'a handler\'s getter': 'Proxy.revocable({}, { get get() { for (;;); } }).proxy',
      'an answer that changes': '(() => { let n = 0; return new Proxy({}, { get: () => ({ valueOf: () => ++n }) }) })()',
      'a revoked proxy': '(() => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy })()',
    };
    for (const [name, proxy] of Object.entries(TRAPS)) {
      it(`no trap of a rejected promise runs: ${name}`, async () => {
        assert.equal(await output(`Object.setPrototypeOf(Promise.reject(1), ${proxy}); return 1`), 1);
        await alive();
        assert.equal(await output(`const p = Promise.reject(1); Object.setPrototypeOf(Promise.prototype, ${proxy}); Promise.reject(1); return 1`), 1);
        await alive();
      });
    }

    it('Proxy is the one of the language otherwise', async () => {
      assert.deepEqual(await output(`
        const target = { a: 1, f() { return this === proxy } }, proxy = new Proxy(target, {});
        const f = new Proxy(function (x) { return new.target ? { same: new.target === f } : [this, x] }, {});
        const keys = []; const handler = { get(t, k, r) { keys.push(k); return this === handler && r === own && Reflect.get(t, k, r) } }; const own = new Proxy({ y: 1 }, handler);
        const errors = [() => Proxy({}, {}), () => new Proxy(1, {}), () => new Proxy({}, null), () => class extends Proxy {}, () => new Proxy({}, { get: 1 }).x, () => { new Proxy({}, { set: () => false }).x = 1 }].map((run) => { try { return run() } catch (e) { return e instanceof TypeError } });
        Object.prototype.get = () => 666;
        const polluted = new Proxy({}, { __proto__: null }); polluted.k = 1; Object.defineProperty(polluted, 'l', { __proto__: null, value: 3 });
        const values = [polluted.k, polluted.l, Object.getOwnPropertyDescriptor(polluted, 'k').value]; delete Object.prototype.get;
        return [proxy.a, 'a' in proxy, Object.keys(proxy), proxy.f(), delete proxy.a, target.a ?? null, f.call(1, 2).length, new f().same, typeof f, Array.isArray(new Proxy([], {})), own.y, keys, errors, values, Proxy.length, Proxy.name]`),
      [1, true, ['a', 'f'], true, true, null, 2, true, 'function', true, 1, ['y'], [true, true, true, true, true, true], [1, 3, 1], 2, 'Proxy']);
    });

    it('a timer that is started too late is none', async () => {
      const lean = await Worker.start({ heap: 64 });
      for (let round = 0; round < 60; round++) {
        const { output: answer } = await lean.run(action('const held = new Array(5e5).fill(0.5); Promise.resolve().then(async () => { for (let i = 0; i < 20; i++) await null; setTimeout(() => held, 1e9) }); return 1'));
        assert.equal(answer, '1');
      }
      lean.stop();
    });

    it('work that a module leaves running does not go on in a spare', async () => {
      const bundle = 'require("crypto").subtle.digest("SHA-1", new Uint8Array(1)).then(() => { for (;;); }); module.exports = { default: async () => 1 };';
      for (let round = 0; round < 3; round++) assert.equal((await worker.run(bundle)).output, '1');
      await pause(50);
      await alive();
    });
  });

  describe('on the other executions', () => {
    it('a bundle compiles in linear time, whatever its source map and its imports are', async () => {
      const start = Date.now();
      assert.equal((await worker.run(`module.exports = { default: async () => 1 };\n//# sourceMappingURL=data:${' '.repeat(300_000)}x\nvar a;`)).output, '1');
      assert.equal((await worker.run(`module.exports = { default: async () => 1 }; function f() { ${'import(1);'.repeat(30_000)} }`)).output, '1');
      assert.ok(Date.now() - start < 60_000, `${Date.now() - start} ms`);
    });

    it('no single call of crypto takes more than some seconds', async () => {
      const outcomes = await output(`
        const c = require('crypto'), s = c.subtle, salt = Buffer.from('salt'), big = c.getDiffieHellman('modp18').getPrime(), rsa = { name: 'RSA-PSS', modulusLength: 16384, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' };
        const key = await s.importKey('raw', salt, 'PBKDF2', false, ['deriveBits', 'deriveKey']), slow = { name: 'PBKDF2', salt, iterations: 2 ** 31, hash: 'SHA-256' };
        const attempt = async (run) => { try { await run(); return 'through' } catch (e) { return e.code } };
        const calls = [
          () => c.pbkdf2Sync('a', salt, 1e8, 64, 'sha512'), () => c.pbkdf2Sync('a', salt, 1, 1e9, 'sha1'), () => c.scryptSync('a', salt, 64, { N: 2 ** 24, r: 8, p: 1, maxmem: 2 ** 50 }), () => c.scryptSync('a', salt, 64, { cost: 2 ** 24, maxmem: 2 ** 50 }),
          () => c.generateKeyPairSync('rsa', { modulusLength: 16384 }), () => c.generateKeyPairSync('dh', { primeLength: 8192 }), () => c.generatePrimeSync(16384), () => c.createDiffieHellman(4096), () => c.createDiffieHellman(big), () => c.createDiffieHellman(big.toString('hex'), 'hex'),
          () => c.checkPrimeSync(big), () => c.checkPrimeSync(BigInt('0x' + big.toString('hex'))), () => c.createHash('shake256', { outputLength: 2 ** 30 }), () => c.hash('shake256', 'x', { outputLength: 2 ** 30 }),
          () => s.deriveBits(slow, key, 256), () => s.deriveKey(slow, key, { name: 'AES-GCM', length: 256 }, true, ['encrypt']), () => s.generateKey(rsa, true, ['sign']),
        ];
        const out = []; for (const call of calls) out.push(await attempt(call));
        return [...new Set(out), await attempt(() => c.generatePrimeSync(64, { add: 4n, rem: 2n })), await attempt(() => c.pbkdf2Sync('a', salt, 1000, 64, 'sha512')), await attempt(() => c.scryptSync('a', salt, 64)), await attempt(() => s.deriveBits({ ...slow, iterations: 1000 }, key, 256))]`);
      assert.deepEqual(outcomes, ['ERR_OUT_OF_RANGE', 'ERR_INVALID_ARG_VALUE', 'through', 'through', 'through']);
    });

    it('a signal that comes after the code it was meant for ends nothing', async () => {
      const other = worker.begin(action('await new Promise((r) => setTimeout(r, 2000)); return "fine"'));
      await output('const start = Date.now(); while (Date.now() - start < 1200); return 1');
      await pause(100);
      process.kill(worker.process.pid, 'SIGINT');
      assert.equal((await other.result).output, '"fine"');
      const endless = worker.run(action('for (;;);'));
      setTimeout(() => process.kill(worker.process.pid, 'SIGINT'), 500);
      assert.equal((await endless).failed.type, 'function_runtime_timed_out');
    });

    it('a signal in the middle of the first call of crypto.subtle leaves it whole', async () => {
      const body = 'const { subtle } = require("crypto"); const all = []; for (let i = 0; i < 3000; i++) all.push(subtle.digest("SHA-1", new Uint8Array(1)));';
      let wait = 60;
      for (let round = 0; round < 4; wait += 40) {
        const fresh = await Worker.start();
        const cut = fresh.run(action(`${body} for (;;);`));
        setTimeout(() => process.kill(fresh.process.pid, 'SIGINT'), wait);
        const { type } = (await cut).failed;
        if (type === 'lost' && fresh.process.signalCode === 'SIGINT') {
          // On a busy machine the signal can come before the function runs. A worker that a signal leaves broken exits by itself.
          assert.ok(wait < 10_000);
          wait *= 2;
          continue;
        }
        assert.equal(type, 'function_runtime_timed_out');
        assert.equal((await fresh.run(action('return (await require("crypto").subtle.digest("SHA-1", new Uint8Array(1))).byteLength'))).output, '20');
        round++;
        fresh.stop();
      }
    });
  });

  describe('on the platform', () => {
    it('no failure has a type, headers or a status that cannot be stored', async () => {
      const host = () => { throw Object.assign(new Error('s'), { sdk: true, code: 'c' }); };
      const { failed: long } = await worker.run(action('const e = await nango.getToken().catch((x) => x); e.code = "x".repeat(1e6); throw e'), { host });
      assert.equal(long.type.length, 255);
      for (const status of ['Infinity', 'NaN', '-1', '1e300', '200.5', '"x"']) {
        const { failed } = await worker.run(action(`throw Object.assign(new Error('x'), { isAxiosError: true, response: { status: ${status}, headers: { 'x-rate-a': 'x'.repeat(1e6), 'content-type': 't' }, data: 1 } })`));
        assert.deepEqual([failed.status, failed.upstream.status, failed.upstream.headers], [500, 500, { 'content-type': 't' }], status);
      }
    });

    it('a head counts to the size of a call', async () => {
      const roomy = await Worker.start({ heap: 1500 });
      const { output: message } = await roomy.run(action('return await nango.get({ endpoint: "x".repeat(27e7) }).then(() => "sent", (e) => e.code)'));
      assert.equal(message, '"ERR_FR_MAX_BODY_LENGTH_EXCEEDED"');
      roomy.stop();
    });

    it('Node says nothing of what functions do wrong, and not where it runs', async () => {
      const quiet = await Worker.start({ errors: 'pipe' });
      const errors = text(quiet.process.stderr);
      const { output: path } = await quiet.run(action(`
        for (let i = 0; i < 5; i++) setTimeout(() => 0, 1e12);
        const p = Promise.reject(new Error('a')); await new Promise((r) => setTimeout(r, 5)); p.catch(() => 0); await new Promise((r) => setTimeout(r, 5));
        return require('url').pathToFileURL('a').href`));
      assert.equal(path, '"file:///a"');
      quiet.stop();
      assert.equal(await errors, '');
    });

    it('what a bundle says of itself has the shape of a definition', async () => {
      const js = (toJSON) => `Object.prototype.toJSON = function () { return ${toJSON} }; module.exports = { default: {} };`;
      const lies = ['null', '1', '({ js: "other", integration: "x", definition: { handlers: 1 } })', '({ definition: { endpoints: [null], scopes: [], webhookSubscriptions: [], handlers: [] } })', '({ error: { type: {}, message: 1 } })'];
      const described = await describeBundles(lies.map((lie, index) => ({ file: `f${index}.ts`, integration: 'i', js: js(lie) })));
      for (const entry of described) {
        assert.deepEqual([entry.integration, entry.error.type], ['i', 'load_failed']);
        assert.match(entry.js, /toJSON/);
      }
    });
  });
});
