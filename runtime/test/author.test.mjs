import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { transformSync } from 'esbuild';
import { Worker, action } from './link.mjs';

/** A bundle as the official compiler makes it, whose source lies beside the folder of bundles. */
function bundled(source, name = '../crm/actions/fails.ts') {
  const { code } = transformSync(source, { loader: 'ts', format: 'cjs', sourcefile: name, sourcemap: 'inline' });
  return code;
}

const FAILS = `
interface Shape { sides: number }
type Unused = Shape | string;
const fail = (): never => {
  throw new Error('on line five');
};
export default {
  type: 'action',
  exec: async (nango: any, input: any): Promise<unknown> => {
    if (input.read) try { fail() } catch (error: any) { return error.stack.split('\\n').slice(0, 2) }
    if (input.host) await nango.getToken();
    return fail();
  },
};
`;

describe('what an author sees', () => {
  let worker;
  before(async () => {
    worker = await Worker.start();
  });
  after(() => worker.stop());

  const trace = async (code, input, host) => (await worker.run(code, { input, host })).failed.payload.stacktrace;

  it('names the lines of the source', async () => {
    assert.deepEqual(await trace(bundled(FAILS), {}), [
      'Error: on line five', 'at fail (crm/actions/fails.ts:5:9)', 'at Object.exec (crm/actions/fails.ts:12:12)',
    ]);
  });

  it('names them in the code as well', async () => {
    const { output } = await worker.run(bundled(FAILS), { input: { read: true } });
    assert.deepEqual(JSON.parse(output), ['Error: on line five', '    at fail (crm/actions/fails.ts:5:9)']);
  });

  it('names the line that awaited what failed', async () => {
    const host = () => {
      throw new Error('no token');
    };
    assert.deepEqual(await trace(bundled(FAILS), { host: true }, host), ['Error: no token', 'at async Object.exec (crm/actions/fails.ts:11:21)']);
  });

  it('falls back to the bundle when its map is missing or broken', async () => {
    const place = ['Error: x', 'at Object.exec (fn-int.cjs:4:7)'];
    assert.deepEqual(await trace(action('throw new Error("x")')), place);
    const broken = `${action('throw new Error("x")').split('\n//#')[0]}\n//# sourceMappingURL=data:application/json;base64,${Buffer.from('{"version":3,"sources":1').toString('base64')}\n`;
    assert.deepEqual(await trace(broken), place);
  });

  it('maps bundles of one line', async () => {
    const { code } = transformSync(FAILS, { loader: 'ts', format: 'cjs', sourcefile: 'fails.ts', sourcemap: 'inline', minify: true });
    assert.deepEqual((await trace(code, {})).map((line) => /fails\.ts:\d+:\d+/.exec(line)?.[0]), [undefined, 'fails.ts:5:9', 'fails.ts:12:12']);
  });

  it('keeps ten lines of a deep stack', async () => {
    const deep = bundled(FAILS).replace('const fail = () => {', 'const fail = (n = 20) => { if (n > 0) return fail(n - 1);');
    assert.equal((await trace(deep, {})).length, 10);
  });

  it('cannot shape stack traces: assigning has no effect', async () => {
    const { output } = await worker.run(action('Error.prepareStackTrace = (e, sites) => sites.length > 0; return new Error("x").stack'));
    assert.deepEqual(JSON.parse(output).split('\n'), ['Error: x', '    at Object.exec (fn-int.cjs:4:66)']);
  });
});

describe('functions of the old form', () => {
  let worker;
  before(async () => {
    worker = await Worker.start();
  });
  after(() => worker.stop());

  const legacy = (body, more = '') => `module.exports = { __esModule: true, default: async function fetchData(nango, input) { ${body} }${more} };`;
  const old = { sdkVersion: '0.42.0-yaml' };

  it('run as actions', async () => {
    assert.deepEqual(await worker.run(legacy('return [input, nango.connectionId]'), { ...old, input: { a: 1 } }), { output: '[{"a":1},"c"]' });
  });

  it('run as syncs', async () => {
    const saved = [];
    const host = (head, body) => void saved.push([head.m, head.model, body.toString()]);
    assert.deepEqual(await worker.run(legacy('await nango.batchSave([{ id: "1" }], "Item"); return "ignored"'), { ...old, type: 'sync', host }), { output: '' });
    assert.deepEqual(saved, [['records.save', 'Item', '{"id":"1"}']]);
  });

  it('take webhooks', async () => {
    const lines = [];
    const code = legacy('', ', onWebhookPayloadReceived: async (nango, payload) => { await nango.log(payload.event) }');
    const host = (head) => void lines.push(head.message);
    assert.deepEqual(await worker.run(code, { ...old, type: 'webhook', input: { event: 'made' }, host }), { output: '' });
    assert.deepEqual(lines, ['made']);
    assert.equal((await worker.run(legacy(''), { ...old, type: 'webhook' })).failed.payload.message, 'Missing onWebhook function');
  });

  for (const [name, code, options, message] of [
    ['a definition deployed as if it were old', action(''), old, 'Invalid script configuration'],
    ['a definition without exec', 'module.exports = { default: { type: "action" } }', {}, 'Missing exec function'],
    ['a sync without a handler of webhooks', action('').replace('"action"', '"sync"'), { type: 'webhook' }, 'Missing onWebhook function'],
    ['an action run as an event', action(''), { type: 'on-event' }, 'Incorrect script loaded for on-event'],
    ['a bundle that exports nothing', '', {}, 'Invalid script exports'],
  ]) {
    it(`are told apart from ${name}`, async () => {
      const { failed } = await worker.run(code || ' ', options);
      assert.deepEqual([failed.type, failed.payload.message], ['script_internal_error', message]);
    });
  }
});
