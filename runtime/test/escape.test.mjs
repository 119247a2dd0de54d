import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { ROOT } from '../src/node.mjs';
import { Worker, action, sync } from './link.mjs';

const WALK = readFileSync(new URL('./escape/walk.js', import.meta.url), 'utf8');
const OF_WORKER = 'const ofWorker = (object) => { try { return object[Symbol.for("of the worker")] === true } catch { return false } };';
const MODULES = ['zod', 'node:crypto', 'url', 'nango', 'soap', 'botbuilder', 'unzipper'];

let worker;
before(async () => {
  worker = await Worker.start({ preload: `${ROOT}test/escape/mark.mjs`, errors: process.env.ERRORS ?? 'ignore' });
});
after(() => worker.stop());

async function output(body, options) {
  const result = await worker.run(action(`${WALK}\n${OF_WORKER}\n${body}`), options);
  assert.ok('output' in result, JSON.stringify(result.failed));
  return JSON.parse(result.output);
}

/** The paths from what `body` returns to objects of the worker's own realm. */
async function leaks(body, options) {
  const { found, count } = await output(`const roots = await (async () => {${body}})(); return walk(roots, ofWorker)`, options);
  assert.ok(count > 300, `only ${count} objects were seen`);
  return found;
}

describe('no way leads to the worker\'s own realm', () => {
  it('the mark shows objects of the worker', async () => {
    const leaking = await Worker.start({ preload: `${ROOT}test/escape/leak.mjs` });
    const { output: text } = await leaking.run(action(`${WALK}\n${OF_WORKER}\nreturn walk({ globalThis, nango }, ofWorker).found`));
    leaking.stop();
    assert.ok(JSON.parse(text).some((path) => path.endsWith('.leaked')), text);
    assert.equal(await output('return ofWorker({}) || ofWorker(Buffer)'), false);
  });

  it('from the globals, the nango object, the input and the call itself', async () => {
    assert.deepEqual(await leaks('return { globalThis, nango, input, require, names: Object.getOwnPropertyNames(globalThis).map((n) => globalThis[n]), setTimeout: setTimeout(() => 1, 1) }', { input: { a: [1] } }), []);
    const sloppy = (body) => `module.exports = { default: async (nango) => { ${WALK}; ${OF_WORKER}; return walk(await (async () => {${body}})(), ofWorker).found } }`;
    const found = await worker.run(sloppy('function sloppy() { return [arguments, arguments.callee, arguments.callee.caller, sloppy.caller, sloppy.arguments] } return { globalThis, all: sloppy(), strict: (() => { "use strict"; try { return (function () { return arguments.callee })() } catch (e) { return e } })() }'));
    assert.deepEqual(found, { output: '[]' });
    const legacy = `module.exports = { default: async function exec(nango) { const seen = []; try { for (let f = exec, i = 0; f && i < 20; i++) { seen.push(f, f.arguments); f = f.caller; } } catch (e) { seen.push(e) } ${WALK}; ${OF_WORKER}; return walk({ globalThis, seen, module, wrapper: arguments }, ofWorker).found } }`;
    assert.equal((await worker.run(legacy)).output, '[]');
  });

  for (const name of MODULES) {
    it(`from require('${name}')`, async () => {
      assert.deepEqual(await leaks(`return { m: require(${JSON.stringify(name)}), globalThis }`), []);
    });
  }

  it('from what the modules make and throw', async () => {
    assert.deepEqual(await leaks(`
      const crypto = require('crypto'), url = require('url'), made = {};
      const attempt = (name, make) => { try { made[name] = make() } catch (e) { made[name] = e } };
      for (const [group, methods] of Object.entries({ crypto, url, Buffer, URL, subtle: crypto.subtle })) {
        for (const name of Object.keys(methods).concat(Object.getOwnPropertyNames(methods))) {
          if (typeof methods[name] !== 'function' || /Sync$|Prime|KeyPair|scrypt|pbkdf2/.test(name)) continue;
          for (const args of [[], ['sha256'], [{}, null], [16], [Buffer.from('a'), 'utf8', () => 1]]) {
            attempt(group + name + args.length, () => methods[name](...args));
          }
        }
      }
      for (const name of Object.keys(crypto)) if (/^[A-Z]/.test(name)) attempt('new ' + name, () => new crypto[name]('x'));
      attempt('hash', () => crypto.createHash('sha1').update('a'));
      attempt('digest', () => crypto.createHash('sha1').update('a').digest());
      attempt('pair', () => crypto.generateKeyPairSync('ed25519'));
      attempt('details', () => made.pair.privateKey.asymmetricKeyDetails);
      attempt('jwk', () => made.pair.publicKey.export({ format: 'jwk' }));
      attempt('url', () => new URL('https://a.example/?b=1').searchParams.entries());
      attempt('badUrl', () => new URL('x'));
      attempt('encoding', () => Buffer.from('a').toString('x'));
      attempt('zod', () => z.object({ a: z.string() }).parse(1));
      attempt('zod2', () => z.object({ a: z.string() }).safeParse({ a: 'x' }));
      for (const [name, value] of Object.entries(made)) if (typeof value?.then === 'function') made[name + ' settled'] = await Promise.race([value.then((x) => x, (e) => e), new Promise((r) => setTimeout(r, 20))]);
      return { globalThis, made };`), []);
  });

  it('from what every SDK method answers, throws and promises', async () => {
    let turn = 0;
    const host = (head) => {
      if (head.m === 'log') return undefined;
      turn += 1;
      if (turn % 4 === 0) throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
      if (turn % 4 === 1) throw Object.assign(new Error('failed'), { response: { status: 400, data: { error: 1 } } });
      if (turn % 4 === 2) throw Object.assign(new Error('sdk'), { sdk: true, code: 'x', payload: {} });
      return { head: { status: 200, headers: { a: 'b' }, ok: true, deletedKeys: [] }, body: Buffer.from('{"metadata":{},"records":[{"id":"1"}]}') };
    };
    const calls = `
      const made = {};
      for (const name of Object.keys(nango)) {
        if (typeof nango[name] !== 'function') { made[name] = nango[name]; continue; }
        for (const args of [[], [{ endpoint: '/x', retries: 0 }], ['a', 'b', 'c'], [[{ id: '1' }], 'M'], [{ endpoint: '/', responseType: 'stream' }], [{ endpoint: '/', responseType: 'arraybuffer' }], [{ url: 'https://x.example' }], [{ key: 'k', ttlMs: 1 }], [null], [Symbol('x')]]) {
          const key = name + args.length + String(args[0]?.responseType);
          try {
            const answer = nango[name](...args);
            made[key] = answer;
            if (typeof answer?.next === 'function') made[key + ' item'] = await answer.next().catch((e) => e);
            else made[key + ' settled'] = await Promise.resolve(answer).catch((e) => e);
          } catch (e) { made[key] = e }
        }
      }
      made.error = new nango.ActionError({ a: 1 });`;
    const body = `${WALK}\n${OF_WORKER}\n${calls}\nconst result = walk({ globalThis, made }, ofWorker); throw new nango.ActionError(result)`;
    for (const start of [0, 2]) {
      turn = start;
      const { payload } = (await worker.run(sync(body), { type: 'sync', host })).failed;
      assert.deepEqual(payload.found, [], JSON.stringify(payload));
      assert.ok(payload.count > 800, `only ${payload.count} objects`);
    }
  });

  it('from errors of the engine, their frames and a full stack', async () => {
    assert.deepEqual(await leaks(`
      const errors = [], frames = [];
      const collect = (run) => { try { errors.push(run()) } catch (e) { errors.push(e) } };
      for (const run of [() => null.x, () => eval('1'), () => new Function('1'), () => new WebAssembly.Module(new Uint8Array(8)), () => JSON.parse('{'), () => new Array(-1), () => decodeURI('%'), () => BigInt(1.5), () => 'x'.repeat(2 ** 31), () => new Intl.DateTimeFormat('x-y-z-'), () => require('fs'), () => require('process'), () => Buffer.alloc(-1), () => Buffer.alloc(2 ** 53), () => structuredClone({}), () => WebAssembly.compile(1), () => WebAssembly.instantiate(1)]) collect(run);
      errors.push(...await Promise.all(errors.map((e) => (typeof e?.then === 'function' ? e.then((x) => x, (x) => x) : 0))));
      Error.prepareStackTrace = (error, sites) => { frames.push(sites, ...sites); for (const site of sites) for (const name of Object.getOwnPropertyNames(Object.getPrototypeOf(site))) { try { frames.push(site[name]()) } catch (e) { frames.push(e) } } return sites };
      for (const run of [() => null.x, () => nango.constructor, () => new URL('x'), () => Buffer.from(null), () => require('crypto').createHash('x')]) collect(() => { try { run() } catch (e) { errors.push(e.stack); throw e } });
      errors.push(await nango.getToken().catch((e) => [e, e.stack]));
      await new Promise((resolve) => setTimeout(() => { collect(() => { const e = new Error('t'); errors.push(e.stack); return e }); resolve() }, 1));
      Error.captureStackTrace(errors); errors.push(errors.stack);
      return { globalThis, errors, frames };`, { host: () => { throw new Error('x'); } }), []);
    const deep = await output(`
      const crypto = require('crypto'), caught = new Set();
      const calls = [() => nango.log('x'), () => nango.getToken(), () => nango.getFlowAttributes(), () => nango.get({ endpoint: '/' }), () => new URL('https://a.example'), () => Buffer.from('abc').toString('hex'), () => Buffer.from('abc'),
        () => crypto.createHash('sha1').update('a').digest(), () => crypto.randomUUID(), () => setTimeout(() => 0, 0), () => require('url').parse('https://a'), () => require('zod'), () => new URLSearchParams('a=b').toString(), () => Buffer.byteLength('x'), () => nango.post({ endpoint: '/', data: { a: 1 }, headers: { 'content-type': 'multipart/form-data' } })];
      for (const call of calls) {
        // As the stack unwinds, the call itself overflows it in the first frames.
        let left = 60;
        const dive = () => { try { dive() } catch (e) { if (left-- > 0) { caught.add(e); try { const p = call(); p?.catch?.((x) => caught.add(x)) } catch (x) { caught.add(x) } } } };
        dive();
      }
      await new Promise((r) => setTimeout(r, 50));
      return [...caught].filter(ofWorker).length`, { host: () => { throw new Error('x'); } });
    assert.equal(deep, 0);
  });

  it('from import(), in every spelling', async () => {
    assert.deepEqual(await leaks(`
      const all = [import('node:fs'), import ( 'x' ), import/* */('node:process'), (() => import("y"))(), import(\`z\`), import({ toString() { throw 1 } })];
      const settled = await Promise.all(all.map((p) => p.then((x) => x, (e) => e)));
      return { globalThis, all, settled };`), []);
    assert.equal(await output('return await import("node:fs").catch((e) => e.code + e.message)'), 'ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSINGA dynamic import callback was not specified.');
    assert.equal(await output('return "an import(x) in a text" + /import(1)/.source'), 'an import(x) in a textimport(1)');
  });

  it('from streams, responses, locks of the engine and leftover helpers', async () => {
    const host = () => ({ head: { status: 200, headers: {} }, body: Buffer.from('body') });
    assert.deepEqual(await leaks(`
      const { data: stream } = await nango.get({ endpoint: '/', responseType: 'stream' });
      const seen = []; stream.on('data', function (...args) { seen.push(this, args, arguments.callee.caller) }); stream.on('end', function () { seen.push(this) });
      await new Promise((r) => setTimeout(r, 5));
      const response = await nango.uncontrolledFetch({ url: new URL('https://x.example') });
      const registry = new FinalizationRegistry(function () { seen.push(this, arguments) });
      async function* generator() { yield 1 } function* plain() { yield 1 }
      return { globalThis, stream, seen, response, clone: response.clone(), bytes: await response.clone().bytes(), headers: [...response.headers], registry, weak: new WeakRef(seen), g: generator(), gp: generator().next(), p: plain(), s: new Intl.Segmenter().segment('a'), i: Iterator.from([1]).map((x) => x), c: Object.keys(console).map((n) => [console[n], console[n]()]), a: typeof Atomics.waitAsync };`, { host }), []);
  });
});

describe('what crosses to the worker cannot lie', () => {
  it('a Buffer that claims to be longer gives away no memory', async () => {
    const bodies = [];
    const host = (head, body) => {
      if (head.m === 'http') bodies.push(body.length);
      return { head: { status: 200, headers: {} }, body: Buffer.alloc(0) };
    };
    const lie = (target) => `Object.defineProperties(${target}, { byteLength: { get: () => 1e6 }, length: { get: () => 1e6 }, byteOffset: { get: () => 0 }, buffer: { get: () => new ArrayBuffer(1e6) } })`;
    await output(`for (const bytes of [Buffer.from('abc'), new Uint8Array(3)]) { ${lie('bytes')}; await nango.post({ endpoint: '/', data: bytes }).catch(() => 0); }
      class Liar extends Uint8Array { get byteLength() { return 1e6 } get buffer() { return new ArrayBuffer(8) } static get [Symbol.species]() { return Object } }
      await nango.post({ endpoint: '/', data: new Liar(3) }).catch(() => 0); return 1`, { host });
    assert.deepEqual(bodies, [3, 3, 3]);
    assert.equal(await output(`const b = Buffer.from('abc'); ${lie('b')}; return b.toString('hex') + require('crypto').createHash('md5').update(b).digest('hex')`), '616263900150983cd24fb0d6963f7d28e17f72');
  });

  it('proxies, thenables, getters and toJSON run in the function only and end it cleanly', async () => {
    const values = {
      'new Proxy({}, { get() { throw new Error("trap") }, ownKeys() { throw new Error("trap") }, getPrototypeOf() { throw new Error("trap") } })': true,
      'new Proxy(function () {}, { apply() { throw 1 }, get: (t, k) => { throw k } })': true,
      '({ get then() { throw new Error("then") } })': true,
      '({ then(resolve) { resolve({ then(again) { again(5) } }) } })': false,
      '({ toJSON() { throw new Error("json") } })': true,
      '({ get a() { throw null } })': true,
      '(() => { const a = []; a[0] = a; return a })()': true,
      '10n': true,
      'Object.create(null)': false,
      'Object.create({ get toJSON() { throw 1 } })': true,
    };
    for (const [value, fails] of Object.entries(values)) {
      const result = await worker.run(action(`return ${value}`));
      assert.equal('failed' in result, fails, `return ${value}: ${JSON.stringify(result)}`);
      if (fails) assert.equal(result.failed.type, 'script_internal_error', value);
      const thrown = (await worker.run(action(`throw ${value}`))).failed;
      assert.equal(thrown.type, 'script_internal_error', value);
      assert.equal(typeof thrown.payload, 'object');
      const caught = await output(`const out = []; for (const call of [(v) => nango.log(v, v, v), (v) => nango.get(v), (v) => nango.post({ endpoint: '/', data: v, headers: v, params: v }), (v) => nango.batchSave?.(v, v), (v) => Buffer.from(v), (v) => new URL(v), (v) => require(v), (v) => require('crypto').createHash(v), (v) => setTimeout(v, v), (v) => Promise.reject(v)]) { try { await Promise.race([call(${value}), new Promise((r) => setTimeout(r, 2))]) } catch (e) { out.push(e) } } return out.filter(ofWorker).length`, { host: () => ({ head: { status: 200, headers: {} } }) });
      assert.equal(caught, 0, value);
    }
  });

  it('changed built-ins of the function do not reach the platform', async () => {
    const seen = [];
    const host = (head) => {
      seen.push(head);
      return { head: { status: 200, headers: {} }, body: Buffer.from('{"ok":1}') };
    };
    const result = await worker.run(action(`
      for (const proto of [Object.prototype, Array.prototype, Function.prototype, String.prototype, Promise.prototype, Map.prototype]) for (const name of Object.getOwnPropertyNames(proto)) { try { if (name !== 'constructor') proto[name] = () => { throw 'mine' } } catch {} }
      for (const name of ['m', 'call', 'execution', 'type', 'head', 'body']) Object.defineProperty(Object.prototype, name, { get: () => 'mine', set() {}, configurable: true });
      JSON.stringify = JSON.parse = () => 'mine'; Object.defineProperty(Object.prototype, 'toJSON', { get: () => () => 'mine' });
      return 1`), { host });
    assert.ok('output' in result || 'failed' in result);
    assert.equal(await output('return (await nango.get({ endpoint: "/" })).data.ok', { host }), 1);
  });
});

describe('one execution leaves nothing behind for another', () => {
  const LEAVE = `
    const mark = (object) => {
      for (const key of ['left', 'constructor', 'parse', 'toString', ...Reflect.ownKeys(object)]) {
        try { object[key] = 'left' } catch {}
        try { Object.defineProperty(object, key, { value: 'left' }) } catch {}
      }
      try { Object.setPrototypeOf(object, { left: 1 }) } catch {}
    };`;
  const LOOK = `const isLeft = (object) => {
    try {
      return Object.hasOwn(object, 'left') || Object.getPrototypeOf(object)?.left === 1 || Reflect.ownKeys(object).some((key) => { const d = Reflect.getOwnPropertyDescriptor(object, key); return d.value === 'left' });
    } catch { return false }
  };`;
  const ROOTS = {
    'the globals': '{ globalThis, names: Object.getOwnPropertyNames(globalThis).map((name) => globalThis[name]) }',
    'the nango object and its call': '{ nango, input, require, nothing: nango.getToken().catch((e) => e) }',
    ...Object.fromEntries(MODULES.map((name) => [name, `{ m: require('${name}'), Buffer, URL, URLSearchParams }`])),
  };
  for (const [name, roots] of Object.entries(ROOTS)) {
    it(`in ${name}`, async () => {
      const host = () => { throw new Error('no'); };
      const left = worker.run(action(`${WALK}\n${LEAVE}
        const all = []; walk(${roots}, (object) => { all.push(object); return false });
        for (const object of all) if (object !== all) mark(object);`), { host });
      await Promise.race([left, new Promise((late) => setTimeout(late, 10_000))]);
      const { found, count } = await output(`${LOOK} return walk(${roots}, isLeft)`, { host });
      assert.deepEqual(found, []);
      assert.ok(count > 50, `only ${count} objects were seen`);
    });
  }

  it('that would change what packages do', async () => {
    await worker.run(action(`const soap = require('soap'), { CardFactory } = require('botbuilder'), unzipper = require('unzipper');
      soap.BasicAuthSecurity.prototype.addHeaders = function () { throw new Error('taken') }; soap.security.seen = ['left']; CardFactory.heroCard = () => 'left'; unzipper.Open.buffer = () => 'left';
      z.email().safeParse('a@customer.example'); RegExp.prototype.left = 1;`));
    assert.deepEqual(await output(`const soap = require('soap'), { CardFactory } = require('botbuilder'); const headers = {};
      new soap.BasicAuthSecurity('b', 'c').addHeaders(headers);
      return [Object.keys(headers), soap.security.seen ?? null, CardFactory.heroCard('t').content.title, RegExp.$_, z.regexes.guid.constructor.$_, typeof require('unzipper').Open.buffer(Buffer.alloc(0)).catch]`),
      [['Authorization'], null, 't', '', '', 'function']);
  });

  it('in zod\'s registries and configuration', async () => {
    await worker.run(action('z.string().meta({ id: "secret", hidden: "left" }); try { z.config({ customError: () => "left" }) } catch {} try { z.globalRegistry._idmap.set("x", z.string()) } catch {}'));
    assert.deepEqual(await output('return [[...z.globalRegistry._idmap.keys()], z.globalRegistry._idmap.get("secret") ?? null, z.string().safeParse(1).error.issues[0].message === "left", z.string().meta({ id: "secret" }).meta().id]'), [[], null, false, 'secret']);
  });

  it('in the memory of Buffers', async () => {
    await output('for (let i = 0; i < 500; i++) Buffer.from("secret-" + i + "-".repeat(i)); return 1');
    assert.equal(await output('let all = ""; for (let i = 1; i < 400; i++) { all += Buffer.allocUnsafe(i).toString("latin1") + Buffer.from(Buffer.from("x").buffer).toString("latin1") + Buffer.from(new Uint8Array(i).buffer).toString("latin1") + Buffer.allocUnsafeSlow(i).toString("latin1") } return all.includes("secret")'), false);
    const host = () => ({ head: { status: 200, headers: {} }, body: Buffer.from('hello') });
    assert.deepEqual(await output('const r = await nango.get({ endpoint: "/", responseType: "arraybuffer" }); const f = await (await nango.uncontrolledFetch({ url: "https://x.example" })).bytes(); return [r.data.buffer.byteLength, f.buffer.byteLength]', { host }), [5, 5]);
  });

  it('in timers and promises that outlive it', async () => {
    await output('globalThis.x = 1; setTimeout(function again() { Buffer.leak = "left"; setTimeout(again, 1) }, 1); nango.getToken().then(() => nango.log("late")); return 1', { host: () => new Promise((resolve) => setTimeout(resolve, 30)) });
    assert.deepEqual(await output('await new Promise((r) => setTimeout(r, 60)); return [typeof Buffer.leak, typeof x]'), ['undefined', 'undefined']);
  });
});

describe('packages', () => {
  it('read no files but fail', async () => {
    for (const probe of [
      'await require("unzipper").Open.file("/etc/passwd")', 'await require("soap").createClientAsync("/etc/passwd")', 'await require("soap").createClientAsync("file:///etc/passwd")',
      'await require("unzipper").Open.url({}, "http://169.254.169.254/")',
    ]) {
      const result = await worker.run(action(`const failed = new Promise((_, no) => setTimeout(() => no(new Error('refused')), 300)); await Promise.race([(async () => { ${probe} })(), failed])`), { host: () => { throw new Error('no'); } });
      assert.equal(result.failed?.type, 'script_internal_error', probe);
      assert.doesNotMatch(JSON.stringify(result), /root:x:0/);
    }
  });
});
