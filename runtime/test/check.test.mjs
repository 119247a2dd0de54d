import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compileText } from '../src/compile/text.mjs';

const HEAD = "import { createSync, createAction } from 'nango';\nimport * as z from 'zod';\n";
const sync = (body) => `${HEAD}export default createSync({ description: 'd', frequency: 'every hour', models: { Item: z.object({ id: z.string() }) },
  exec: async (nango) => { ${body} } });`;
const action = (body, rest = '') => `${HEAD}export default createAction({ description: 'd', input: z.any(), output: z.any(), exec: async (nango, input) => { ${body} } });${rest}`;

const REFUSED = {
  'a foreign package, even unused': [`import fs from 'node:fs';\n${action('')}`, 'disallowed_import', /^function\.ts:1:1: 'node:fs' cannot be imported/],
  'a file beside it': [`import { x } from './x.js';\n${action('return x;')}`, 'disallowed_import', /no files beside it/],
  'no default export': [`${HEAD}const x = 1;`, 'nango_invalid_default_export', /default export/],
  'a plain function': ['export default async function run() {}', 'nango_unsupported_export', /createSync, createAction or createOnEvent/],
  'an argument that is no literal': [`${HEAD}const d = {};\nexport default createAction(d as any);`, 'nango_invalid_function_param', /createAction takes an object literal/],
  'a second export': [action('', '\nexport const x = 1;'), 'nango_named_export_not_allowed', /one export/],
  'a call nobody awaits': [action("\n  nango.log('x');"), 'method_need_await', /^function\.ts:4:3: nango\.log\(\) must be awaited/],
  'retryOn without retries': [action("await nango.get({ endpoint: '/', retryOn: [500] });"), 'retryon_need_retries', /without retries/],
  'a merging strategy after a batch': [sync("await nango.batchSave([], 'Item'); await nango.setMergingStrategy({ strategy: 'override' }, 'Item');"), 'nango_setMergingStrategy_after_batching', /before any batch/],
  'tracking that does not end': [sync("await nango.trackDeletesStart('Item');"), 'nango_trackDeletes_without_end', /no trackDeletesEnd/],
  'tracking that begins after a batch': [sync("await nango.batchSave([], 'Item'); await nango.trackDeletesStart('Item'); await nango.trackDeletesEnd('Item');"), 'nango_trackDeletesStart_after_batching', /before any batch/],
  'a batch after the end of tracking': [sync("await nango.trackDeletesStart('Item'); await nango.trackDeletesEnd('Item'); await nango.batchSave([], 'Item');"), 'nango_trackDeletesEnd_before_batching', /after all batches/],
  'a deletion before the batches': [sync("await nango.deleteRecordsFromPreviousExecutions('Item'); await nango.batchSave([], 'Item');"), 'nango_deleteRecords_after_batching', /after the batches/],
  'text that is no TypeScript': ['export default createAction({', 'build_failed', /^function\.ts:1:/],
  'code that throws while it loads': [`${action('')}\nthrow new Error('no');`, 'load_failed', /no$/],
  'a sync without models': [`${HEAD}export default createSync({ description: 'd', frequency: 'every hour', exec: async () => {} } as any);`, 'missing_models', /models/],
};

describe('a function given as text', () => {
  for (const [name, [code, type, message]] of Object.entries(REFUSED)) {
    it(`is refused: ${name}`, async () => {
      const { errors } = await compileText({ code });

      assert.deepEqual(errors?.map((error) => error.type), [type], JSON.stringify(errors));
      assert.match(errors[0].message, message);
    });
  }

  it('may leave a call to the one who awaits it', async () => {
    const { errors } = await compileText({
      code: action("const all = await Promise.all([1, 2].map((n) => nango.get({ endpoint: `/${n}` }))); nango.log('x').catch(() => {}); return nango.getMetadata();", '\nexport type X = string;'),
    });

    assert.equal(errors, undefined);
  });

  it('is described as a deploy wants it', async () => {
    const { flowConfigs: [flow], onEventScriptsByProvider } = await compileText({ code: sync("await nango.saveCheckpoint({ n: 1 });"), integration: 'my-crm', name: 'items', type: 'sync' });

    assert.deepEqual([flow.type, flow.syncName, flow.providerConfigKey, flow.models, flow.runs, flow.features], ['sync', 'items', 'my-crm', ['Item'], 'every hour', ['checkpoints']]);
    assert.deepEqual(onEventScriptsByProvider, []);
  });

  it('must be what it is said to be', async () => {
    const { errors } = await compileText({ code: action(''), type: 'sync' });

    assert.deepEqual(errors, [{ type: 'wrong_type', message: 'The code defines a function of type action, not sync' }]);
  });
});
