import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Worker, action } from './link.mjs';

/** What a function may do to end badly, and what its failure says. Nothing may be left without an outcome. */
const FAILING = {
  'text that closes what is around a bundle': ["}); throw new Error('outside'); (function () {", /^SyntaxError/],
  'text that opens a comment': ["module.exports = { default: async () => 1 }; /*", /^SyntaxError/],
  'a getter for toJSON that throws, and then an error': [action('Object.defineProperty(Object.prototype, "toJSON", { configurable: true, get() { throw new Error("x"); } }); throw new Error("boom")'), /boom|cannot be read/],
  'a getter for toJSON that throws, and then a value': [action('Object.defineProperty(Object.prototype, "toJSON", { configurable: true, get() { throw new Error("x"); } }); return {}'), /x/],
  'a toJSON that throws': [action('return { toJSON() { throw new Error("no text") } }'), /no text/],
  'a message that throws': [action('throw Object.defineProperty(new Error("m"), "message", { get() { throw 1 } })'), /cannot be read/],
  'a proxy that throws': [action('throw new Proxy({}, { get() { throw new Error("in") } })'), /./],
  'a symbol': [action('throw Symbol("s")'), /./],
  'exports that throw': ['module.exports = { get default() { throw new Error("when read") } }', /when read/],
  'exports that are no object': ['module.exports = null', /Invalid script exports/],
  'recursion without end': [action('const f = () => f(); f()'), /call stack/],
  'recursion without end into the platform': [action('const f = () => { try { nango.log("x") } catch {} f() }; f()'), /call stack/],
  'a thenable that throws': [action('return { then() { throw new Error("then") } }'), /then/],
  'a promise whose constructor throws': [action('const p = Promise.resolve(1); Object.defineProperty(p, "constructor", { get() { throw new Error("made") } }); return p'), /made/],
  'an output that is nested too deeply': [action('let a = []; for (let i = 0; i < 1e5; i++) a = [a]; return a'), /nested too deeply/],
  'an output that is nested too deeply, with signs in texts': [action('let a = { t: "\\\\\\"]]]}}}" }; for (let i = 0; i < 1001; i++) a = { a }; return a'), /nested too deeply/],
  'an output that is too large': [action('return "x".repeat(3e6)'), /Output size is too large/],
};

/** What goes on after a function has returned, for all it is allowed: `n` counts, in a place that the test can read. */
const ZOMBIES = {
  'a loop of calls': '(async () => { for (;;) { await nango.getToken().catch(() => 0); n() } })()',
  'a loop of crypto.subtle': '(async () => { for (;;) { await require("crypto").subtle.digest("SHA-256", Buffer.from("a")); n() } })()',
  'timers that start timers': '(function again() { n(); setTimeout(again, 0) })()',
  'a FinalizationRegistry': 'const f = new FinalizationRegistry(() => { n(); more() }); const more = () => f.register({}, 1); for (let i = 0; i < 100; i++) more()',
  'an asynchronous generator': 'Array.fromAsync({ async *[Symbol.asyncIterator]() { for (;;) { n(); yield nango.log("x") ?? new Promise((r) => setTimeout(r, 0)) } } })',
  'the compiler of WebAssembly': '(async () => { for (;;) { await WebAssembly.compile(new Uint8Array(8)).catch(() => new Promise((r) => setTimeout(r, 0))); n() } })()',
  'requests': '(async () => { for (;;) { await nango.get({ endpoint: "/" }).catch(() => 0); n() } })()',
};

/** What never yields. */
const ENDLESS = {
  'a loop': 'for (;;);',
  'a loop that catches all': 'for (;;) { try { for (;;); } catch {} finally { for (;;); } }',
  microtasks: 'const f = () => { Promise.resolve().then(f) }; f(); await new Promise(() => {})',
  'microtasks after a call': 'await nango.getToken(); for (;;) await null;',
  'a regular expression': '/(a+)+$/.test("a".repeat(50) + "b")',
  'a toJSON': 'return { toJSON() { for (;;); } }',
  'a getter of an error': 'throw { get message() { for (;;); } }',
  'a timer': 'await new Promise((r) => setTimeout(() => { for (;;); }, 1))',
};

describe('bad endings', () => {
  let worker;
  before(async () => { worker = await Worker.start(); });
  after(() => worker.stop());

  const host = (head) => new Promise((resolve) => setTimeout(resolve, 1, { head: { status: 200, headers: {} }, body: Buffer.from('"t"') }));
  const alive = async () => assert.equal((await worker.run(action('return 1'))).output, '1');

  for (const [name, [code, message]] of Object.entries(FAILING)) {
    it(`end in a failure at once: ${name}`, async () => {
      const { failed } = await worker.run(code, { host });
      assert.ok(failed, 'there is an outcome, and it is a failure');
      assert.match(`${failed.payload.name}: ${failed.payload.message}`, message);
      await alive();
    });
  }

  for (const [name, zombie] of Object.entries(ZOMBIES)) {
    it(`leave nothing running: ${name}`, async () => {
      let calls = 0;
      const counting = (head) => {
        if (head.m === 'log') calls += 1;
        return host(head);
      };
      const { output } = await worker.run(action(`let count = 0; const n = () => { if (++count < 1e6) nango.log('n').catch(() => 0) }; ${zombie}; return 1`), { host: counting });
      assert.equal(output, '1');
      await new Promise((r) => setTimeout(r, 50));
      const before_ = calls;
      const cpu = worker.cpu();
      await new Promise((r) => setTimeout(r, 300));
      assert.equal(calls, before_, 'no line comes after the end');
      assert.ok(worker.cpu() - cpu < 150, `the worker is quiet, ${worker.cpu() - cpu} ms of CPU were used`);
      await alive();
    });
  }

  for (const [name, body] of Object.entries(ENDLESS)) {
    it(`end alone, when they do not yield: ${name}`, async () => {
      const neighbour = worker.begin(action('for (let i = 0; i < 3; i++) await new Promise((r) => setTimeout(r, 50)); return "fine"'));
      const endless = worker.run(action(body), { host });
      const signal = setInterval(() => process.kill(worker.process.pid, 'SIGINT'), 700); // as the platform does it
      const { failed } = await endless;
      clearInterval(signal);
      assert.deepEqual([failed.type, failed.payload.message], ['function_runtime_timed_out', 'The function did not yield and was stopped']);
      assert.equal((await neighbour.result).output, '"fine"');
      await alive();
    });
  }

  it('are none of outputs that only look deep', async () => {
    assert.equal(JSON.parse((await worker.run(action('let a = 1; for (let i = 0; i < 1000; i++) a = [a]; return a'))).output).length, 1);
    assert.equal(JSON.parse((await worker.run(action('return ["[".repeat(5000), "\\\\", { "{": "\\"{".repeat(3000) }]'))).output).length, 3);
  });

  it('end alone, when microtasks without end are left behind', async () => {
    const { output } = await worker.run(action('(async () => { for (;;) await null })(); return 1'), { host });
    assert.equal(output, '1');
    const next = worker.run(action('return 2'));
    setTimeout(() => process.kill(worker.process.pid, 'SIGINT'), 300);
    assert.equal((await next).output, '2');
  });
});
