import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Type } from '../src/frames.mjs';
import { Worker, action, sync } from './link.mjs';

const json = (value) => Buffer.from(JSON.stringify(value));

describe('a worker that is not needed any more', () => {
  for (const [name, end] of Object.entries({
    'ends when told to': (worker) => worker.send(Type.SHUTDOWN, 0, 0, {}),
    'ends when the platform is gone': (worker) => worker.process.stdin.destroy(),
  })) {
    it(name, async () => {
      const worker = await Worker.start();
      await worker.run(action('return 1'));
      const ended = new Promise((resolve) => worker.process.once('exit', resolve));
      end(worker);
      assert.equal(await ended, 0);
    });
  }
});

describe('a busy worker', () => {
  it('tells that it lives while it handles what has arrived together', async () => {
    const worker = await Worker.start();
    const spin = action('const end = Date.now() + 25; while (Date.now() < end); return 1');
    await worker.run(spin);
    worker.process.kill('SIGSTOP');
    const runs = Array.from({ length: 80 }, () => worker.run(spin));
    const before = worker.beats;
    worker.process.kill('SIGCONT');
    await Promise.all(runs);
    worker.stop();
    assert.ok(worker.beats - before >= 6, `${worker.beats - before} heartbeats in two seconds`);
  });
});

describe('a worker', () => {
  let worker;
  before(async () => {
    worker = await Worker.start();
  });
  after(() => worker.stop());

  const output = async (body, options = {}) => {
    const result = await worker.run(action(body, options.extra), options);
    assert.ok('output' in result, JSON.stringify(result.failed));
    return JSON.parse(result.output);
  };
  const failure = async (body, options = {}) => (await worker.run(action(body), options)).failed;

  it('passes input and output through, falsy values too', async () => {
    for (const value of [{ a: 1 }, 0, false, '', [1, 2], 'text']) {
      assert.deepEqual(await output('return input', { input: value }), value);
    }
    assert.deepEqual(await output('return input'), {});
    assert.deepEqual(await output('return input', { input: null }), {});
    assert.equal(await output('return undefined'), null);
  });

  it('starts every run with a fresh module', async () => {
    const code = 'globalThis.n = (globalThis.n ?? 0) + 1; return globalThis.n';
    for (let i = 0; i < 5; i++) assert.equal(await output(code), 1);
  });

  it('gives a module that reads the clock the time of its run', async () => {
    const code = action('return since').replace('var z', 'var since = Date.now(); var z');
    await worker.run(code);
    const start = Date.now();
    assert.ok(Number((await worker.run(code)).output) >= start);
  });

  it('offers the documented globals only', async () => {
    assert.deepEqual(await output('return [typeof process, typeof fetch, typeof clearTimeout, typeof structuredClone, typeof Buffer, typeof URL, typeof setTimeout, typeof console.log, typeof constructor, Object.getPrototypeOf(globalThis)]'),
      ['undefined', 'undefined', 'undefined', 'undefined', 'function', 'function', 'function', 'function', 'undefined', null]);
  });

  it('requires what is allowed and refuses the rest', async () => {
    assert.equal(await output('return require("node:crypto").createHash("sha1").update("a").digest("hex")'), '86f7e437faa5a7fce15d1ddcb9eaeaea377667b8');
    assert.equal(await output('return require("nango").createAction({a: 1}).type'), 'action');
    assert.equal(await output('return typeof require("unzipper").Open.buffer'), 'function');
    assert.equal((await failure('require("node:fs")')).payload.message, "Module 'node:fs' is not allowed");
  });

  it('sends SOAP through the platform', async () => {
    const wsdl = '<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" targetNamespace="urn:x"></definitions>';
    const asked = [];
    const host = (head) => {
      asked.push(head.url);
      return { head: { status: 200, headers: { 'content-type': 'text/xml' } }, body: Buffer.from(wsdl) };
    };
    assert.equal(await output('const c = await require("soap").createClientAsync("http://soap.example/x?wsdl"); return typeof c.describe', { host }), 'function');
    assert.deepEqual(asked, ['http://soap.example/x?wsdl']);
  });

  it('stops code generation, wherever the function object comes from', async () => {
    const probes = [
      'eval("1")', 'new Function("return 1")()', 'z.constructor.constructor("return process")()',
      'Buffer.constructor("return process")()', 'nango.get.constructor("return process")()', 'require("node:crypto").randomUUID.constructor("return process")()',
      'await import("node:fs")', '(await import("x").catch((e) => e)).constructor.constructor("return process")()',
      'new WebAssembly.Module(new Uint8Array([0,97,115,109,1,0,0,0]))', 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)',
    ];
    for (const probe of probes) assert.equal((await failure(probe))?.type, 'script_internal_error', probe);
  });

  it('keeps what other executions did out of reach', async () => {
    const memory = await output('return [Buffer.from("a").buffer.byteLength, Buffer.from("a").buffer.byteLength]');
    assert.deepEqual(memory, [1, 1]);
    const host = () => ({ head: { status: 200 }, body: Buffer.from('hello') });
    assert.equal(await output('return (await nango.get({ endpoint: "/", responseType: "arraybuffer" })).data.buffer.byteLength', { host }), 5);
    await worker.run(action('Buffer.prototype.toString = () => "mine"; require("crypto").createHash = null'));
    assert.deepEqual(await output('return [Buffer.from("a").toString(), typeof require("crypto").createHash]'), ['a', 'function']);
  });

  it('loads every package it offers', async () => {
    assert.deepEqual(await output("return ['zod', 'crypto', 'url', 'soap', 'botbuilder', 'unzipper'].map((name) => typeof require(name))"), Array(6).fill('object'));
  });

  it('survives a rejected promise nobody awaits and a throwing timer', async () => {
    assert.equal(await output('Promise.reject(new Error("x")); setTimeout(() => { throw new Error("y") }, 0); await new Promise((r) => setTimeout(r, 5)); return 1'), 1);
  });

  it('classifies what a function throws', async () => {
    assert.deepEqual(await failure('throw new nango.ActionError({ a: 1 })'), { type: 'action_script_runtime_error', payload: { a: 1 }, status: 500 });
    assert.deepEqual((await failure('throw new nango.ActionError("no")')).payload, { message: 'no' });
    assert.deepEqual((await failure('throw new nango.ActionError()')).payload, {});
    assert.deepEqual(await failure('throw new TypeError("plain failure")'), {
      type: 'script_internal_error', status: 500,
      payload: { name: 'TypeError', message: 'plain failure', stacktrace: ['TypeError: plain failure', 'at Object.exec (fn-int.cjs:4:7)'] },
    });
    assert.deepEqual((await failure('throw "text"')).payload, { name: 'Error', message: 'text' });
    assert.equal((await failure('throw { message: 1, get stack() { throw 1 } }')).type, 'script_internal_error');
    assert.equal((await failure('return "x".repeat(2097152)')).payload.message.slice(0, 41), 'Output size is too large: 2097154 bytes. ');
    assert.equal((await worker.run('nonsense(')).failed.payload.name, 'SyntaxError');
    assert.equal((await worker.run(action(''), { type: 'sync' })).failed.payload.message, 'Incorrect script loaded for sync');
    assert.equal((await worker.run('module.exports = {}')).failed.payload.message, 'Invalid script exports');
  });

  it('turns provider answers into Axios-like errors', async () => {
    const host = () => ({ head: { status: 404, statusText: 'Not Found', headers: { 'content-type': 'application/json', 'X-RateLimit-Left': '0', date: 'x' } }, body: json({ error: 'gone' }) });
    assert.deepEqual(await failure('await nango.get({ endpoint: "/x" })', { host }), {
      type: 'script_http_error', payload: { error: 'gone' }, status: 404,
      upstream: { status: 404, headers: { 'content-type': 'application/json', 'x-ratelimit-left': '0' }, body: { error: 'gone' } },
    });
    assert.deepEqual(await output('try { await nango.get({ endpoint: "/x" }) } catch (e) { return [e.name, e.isAxiosError, e.message, e.code, e.status, e.response.data, e.response.headers.get("Date"), e.toJSON().status] }', { host }),
      ['AxiosError', true, 'Request failed with status code 404', 'ERR_BAD_REQUEST', 404, { error: 'gone' }, 'x', 404]);
  });

  it("takes an answer's own payload for that of the failure, whatever its type", async () => {
    for (const [answer, payload] of [
      [{ payload: { a: 1 }, b: 2 }, { a: 1 }], [{ payload: 'text', b: 2 }, { message: 'text' }], [{ payload: [1] }, { message: [1] }], [{ payload: null, b: 2 }, { payload: null, b: 2 }], [[1], { message: [1] }],
    ]) {
      const host = () => ({ head: { status: 400, headers: {} }, body: json(answer) });
      const failed = await failure('await nango.get({ endpoint: "/x" })', { host });
      assert.deepEqual([failed.payload, failed.upstream.body], [payload, answer]);
    }
  });

  it('names network failures by their code', async () => {
    const host = () => {
      throw Object.assign(new Error('connect ECONNREFUSED localhost:1'), { code: 'ECONNREFUSED' });
    };
    const { type, payload } = await failure('const r = await nango.get({ endpoint: "/x" });', { host });
    assert.equal(type, 'script_network_error');
    assert.deepEqual(payload, {
      name: 'Error', code: 'ECONNREFUSED', message: 'connect ECONNREFUSED localhost:1',
      stacktrace: ['Error: connect ECONNREFUSED localhost:1', 'at async Object.exec (fn-int.cjs:4:11)'],
    });
  });

  it('sends numbers as parameters that JSON does not have', async () => {
    const seen = [];
    const host = (head) => {
      seen.push([head.params, head.headers, head.retries, head.retryOn]);
      return { head: { status: 200, headers: {} }, body: Buffer.from('ok') };
    };
    await output(`
      await nango.get({ endpoint: '/x', params: { id: 9007199254740993n, list: [1n, 2n], deep: { n: -1n }, nan: NaN, most: Infinity, least: -Infinity, n: 1.5 } });
      await nango.get({ endpoint: '/x', params: new URLSearchParams({ id: 9007199254740993n }), headers: { 'X-Id': 9007199254740993n }, retries: 2n, retryOn: [429n] });
      await nango.post({ endpoint: '/x', data: { id: 9007199254740993n }, headers: { 'Content-Type': 'application/x-www-form-urlencoded' } });`, { host });
    assert.deepEqual(seen[0][0], { id: '9007199254740993', list: ['1', '2'], deep: { n: '-1' }, nan: 'NaN', most: 'Infinity', least: '-Infinity', n: 1.5 });
    assert.deepEqual([seen[1][0], seen[1][1]['x-id'], seen[1][2], seen[1][3]], ['id=9007199254740993', '9007199254740993', '2', ['429']]);
    assert.equal((await failure('await nango.post({ endpoint: "/x", data: { id: 1n } })', { host })).payload.name, 'TypeError');
  });

  it('pages with bigints in its parameters', async () => {
    const seen = [];
    const host = (head) => {
      seen.push(head.params);
      return { head: { status: 200, headers: {} }, body: Buffer.from('{"items":[]}') };
    };
    await output("for await (const page of nango.paginate({ endpoint: '/x', params: { id: 9007199254740993n }, paginate: { type: 'offset', offset_name_in_request: 'from', offset_start_value: 2n, limit: 10n, limit_name_in_request: 'size', response_path: 'items' } }));", { host });
    assert.deepEqual(seen, [{ id: '9007199254740993', size: '10', from: '2' }]);
  });

  it('describes each kind of body', async () => {
    const seen = [];
    const host = (head, body) => {
      seen.push([head.bodyKind, head.headers['content-type']?.split(';')[0], body.toString().slice(0, 12)]);
      return { head: { status: 201, headers: {} }, body: Buffer.from('ok') };
    };
    const result = await output(`
      const send = (data, type) => nango.post({ endpoint: '/x', data, headers: type ? { 'Content-Type': type } : {} });
      await send({ a: 1 }); await send('raw'); await send(Buffer.from('bin')); await send({ a: [1] }, 'application/x-www-form-urlencoded');
      await send({ a: 1 }, 'multipart/form-data'); await nango.get({ endpoint: '/x', data: { a: 1 } });
      const r = await send('x'); return [r.data, r.status];`, { host });
    assert.deepEqual(result, ['ok', 201]);
    assert.deepEqual(seen.slice(0, 6), [
      ['json', undefined, '{"a":1}'], ['text', undefined, 'raw'], ['bytes', undefined, 'bin'],
      ['form', 'application/x-www-form-urlencoded', 'a%5B%5D=1'], ['multipart', 'multipart/form-data', '--millrace-'.padEnd(12, seen[4][2][11])],
      ['none', undefined, ''],
    ]);
  });

  it('guards the nango object', async () => {
    assert.equal((await failure('return nango.constructor')).payload.message, 'Access to "constructor" is not allowed.');
    assert.equal((await failure('nango.persistClient = 1')).payload.message, 'Access to "persistClient" is not allowed.');
    assert.deepEqual(await output('const { log, get } = nango; return ["__proto__" in nango, Object.getPrototypeOf(nango), typeof log, typeof nango.batchSave, typeof nango.proxy, nango.connectionId]'),
      [false, null, 'function', 'undefined', 'function', 'c']);
  });

  it('lets the nango object be printed and asked like any object', async () => {
    assert.deepEqual(await output('return [`${nango}`, nango.hasOwnProperty("connectionId"), typeof { ...nango }.get, nango instanceof Object]'), ['[object Object]', true, 'function', false]);
  });

  it('logs above the threshold', async () => {
    const lines = [];
    const host = (head, body) => void lines.push([head.level, head.message, body.length ? JSON.parse(body) : null]);
    await output(`await nango.log('a'); await nango.log('b', { x: 1, authorization: 's', list: [Buffer.from('q')] }, { level: 'error' });
      await nango.log({ b: 1, a: 2 }, { level: 'http' }); await nango.log(); nango.setLogger({ level: 'error' }); await nango.log('c'); return nango.logger.level`, { host });
    assert.deepEqual(lines, [['info', 'a', null], ['error', 'b', { authorization: '[Redacted]', list: ['[Buffer]'], x: 1 }], ['info', '{"a":2,"b":1}', null]]);
  });

  it('reads metadata through its schema', async () => {
    const schema = 'metadata: z.object({ on: z.boolean().default(false), since: z.coerce.date().optional(), deep: z.object({ n: z.number().default(1) }).optional() }),';
    const lines = [];
    const host = (metadata) => (head) => (head.m === 'log' ? void lines.push(head) : { body: json({ metadata }) });
    const read = (metadata) => output('return await nango.getMetadata()', { extra: schema, host: host(metadata) });
    assert.deepEqual(await read(null), { on: false });
    assert.deepEqual(await read({ extra: 1, deep: { keep: true } }), { extra: 1, deep: { keep: true, n: 1 }, on: false });
    assert.equal(lines.length, 0);
    assert.deepEqual(await read({ on: 'yes', deep: { n: 'x' } }), { on: 'yes', deep: { n: 'x' } });
    assert.equal(lines.length, 1);
    assert.match(lines[0].message, /on: .*; deep\.n: /);
  });

  it('caches the connection until the metadata changes', async () => {
    const calls = [];
    const host = (head) => {
      calls.push(head.m);
      return { body: json({ metadata: {} }) };
    };
    await output('await nango.getConnection(); await nango.getMetadata(); await nango.getConnection("a", "b"); await nango.updateMetadata({ a: 1 }); await nango.getMetadata(); await nango.getConnection(undefined, undefined, { forceRefresh: true }); return 1', { host });
    assert.deepEqual(calls, ['connection', 'connection', 'metadata.update', 'connection', 'connection']);
  });

  it('saves records as lines, in slices', async () => {
    const sizes = [];
    const host = (head, body) => void sizes.push([head.m, head.model, body.toString().split('\n').length, body.toString().includes('_nango_metadata')]);
    const code = sync('const list = Array.from({ length: 2500 }, (_, i) => ({ id: `r${i}`, t: "a\\nb", _nango_metadata: {} })); await nango.batchSave(list, "M"); await nango.batchDelete([], "M");');
    assert.deepEqual(await worker.run(code, { type: 'sync', host }), { output: '' });
    assert.deepEqual(sizes, [1000, 1000, 500].map((n) => ['records.save', 'M', n, false]));
  });

  it('reads records back by the ids as given', async () => {
    const host = (head) => {
      if (head.m === 'records.get') return { body: json(head.ids.filter((id) => id !== '3').map((id) => ({ id }))) };
      if (head.m === 'records.list') return { body: json(head.cursor ? { records: [{ id: 'b' }] } : { records: [{ id: 'a' }], next_cursor: 'n' }) };
      return undefined;
    };
    const code = sync('const m = await nango.getRecordsByIds([1, "2", 3], "M"); const all = []; for await (const r of nango.listRecords("M")) all.push(r.id); throw new nango.ActionError({ keys: [...m.keys()], all });');
    assert.deepEqual((await worker.run(code, { type: 'sync', host })).failed.payload, { keys: [1, '2'], all: ['a', 'b'] });
  });

  it('hands a webhook its payload', async () => {
    const lines = [];
    const code = sync('', 'onWebhook: async (nango, payload) => { await nango.log(payload.x); },');
    assert.deepEqual(await worker.run(code, { type: 'webhook', input: { x: 'hi' }, host: (head) => void lines.push(head.message) }), { output: '' });
    assert.deepEqual(lines, ['hi']);
  });

  it('follows what an aborted run is doing to its end', async () => {
    const never = new Promise(() => undefined);
    const waiting = worker.begin(action('await nango.getToken()'), { host: () => never });
    waiting.abort();
    assert.equal((await waiting.result).failed.type, 'script_aborted');

    const sleeping = worker.begin(action('await new Promise(() => undefined)'));
    sleeping.abort();
    assert.equal((await sleeping.result).failed.type, 'script_aborted');

    const saving = [];
    const tidy = worker.begin(action('try { await nango.getToken() } finally { await nango.saveCheckpoint({ a: 1 }) }'), {
      host: (head) => (head.m === 'checkpoint.save' ? void saving.push(1) : never),
    });
    tidy.abort();
    assert.equal((await tidy.result).failed.type, 'script_aborted');
    assert.deepEqual(saving, [1]);
  });

  it('validates with zod and logs each issue', async () => {
    const lines = [];
    const result = await failure('await nango.zodValidateInput({ zodSchema: z.object({ n: z.number() }), input })', { input: { n: 'x' }, host: (head) => void lines.push(head.level) });
    assert.deepEqual(result, { type: 'action_script_runtime_error', payload: { message: 'Invalid input provided' }, status: 500 });
    assert.deepEqual(lines, ['error']);
  });

  it('answers uncontrolledFetch with a Response', async () => {
    const host = (head) => ({ head: { status: 200, headers: { 'X-A': head.method }, url: head.url }, body: json({ ok: 1 }) });
    assert.deepEqual(await output('const r = await nango.uncontrolledFetch({ url: new URL("https://x.example/a") }); return [r.ok, r.headers.get("x-a"), r.url, await r.json()]', { host }),
      [true, 'GET', 'https://x.example/a', { ok: 1 }]);
  });
});
