import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compileText } from '../src/compile/text.mjs';

const HEAD = "import { createSync, createAction } from 'nango';\nimport * as z from 'zod';\n";
const sync = (body) => `${HEAD}export default createSync({ description: 'd', frequency: 'every hour', models: { Item: z.object({ id: z.string() }) },
  exec: async (nango) => { ${body} } });`;
const lines = (body) => sync(body.replaceAll('; ', ';\n'));
const action = (body, rest = '') => `${HEAD}export default createAction({ description: 'd', input: z.any(), output: z.any(), exec: async (nango, input) => { ${body} } });${rest}`;

const REFUSED = {
  'a foreign package, even unused': [`import fs from 'node:fs';\n${action('')}`, 'disallowed_import', /^function\.ts:1:1: 'node:fs' cannot be imported/],
  'a file beside it': [`import { x } from './x.js';\n${action('return x;')}`, 'disallowed_import', /no files beside it/],
  'no default export': [`${HEAD}const x = 1;`, 'nango_invalid_default_export', /default export/],
  'a plain function': ['export default async function run() {}', 'nango_unsupported_export', /createSync, createAction or createOnEvent/],
  'an argument that is no literal': [`${HEAD}const d = {};\nexport default createAction(d as any);`, 'nango_invalid_function_param', /createAction takes an object literal/],
  'a second export': [action('', '\nexport const x = 1;'), 'nango_named_export_not_allowed', /one export/],
  'a call nobody awaits': [action("\n  nango.log('x');"), 'method_need_await', /^function\.ts:4:3: nango\.log\(\) must be awaited/],
  'a call that a function hands on': [action("const later = () => nango.log('x'); await later();"), 'method_need_await', /nango\.log\(\) must be awaited/],
  'a call in a helper': [action('await help(nango);', "\nasync function help(nango: any) { nango.log('x'); }"), 'method_need_await', /must be awaited/],
  'a call kept for later': [action("const answer = nango.get({ endpoint: '/x' }); await answer;"), 'method_need_await', /nango\.get\(\)/],
  'a function exported besides': [action('', '\nexport function x() { return 1; }'), 'nango_named_export_not_allowed', /one export/],
  'a list of exports': [action('', '\nconst q = 1; export { q };'), 'nango_named_export_not_allowed', /one export/],
  'a default export in a list': [`${HEAD}const a = createAction({ description: 'd', input: z.any(), output: z.any(), exec: async () => 1 });\nexport { a as default };`, 'nango_named_export_not_allowed', /one export/],
  'a helper by another name': ["import { createAction as make } from 'nango';\nexport default make({ description: 'd' } as any);", 'nango_unsupported_export', /createAction/],
  'a deeper path of an allowed package': [`import * as z4 from 'zod/v4';\n${action('return z4;')}`, 'disallowed_import', /'zod\/v4' cannot be imported/],
  'a bare import of a foreign package': [`import 'fs';\n${action('')}`, 'disallowed_import', /'fs' cannot be imported/],
  'a strategy for merging after a call': [lines("await nango.get({ endpoint: '/' }); await nango.setMergingStrategy({ strategy: 'override' }, 'Item');"), 'nango_setMergingStrategy_after_proxy', /any call/],
  'two deletions of what came before': [lines("await nango.deleteRecordsFromPreviousExecutions('Item'); await nango.deleteRecordsFromPreviousExecutions('Item');"), 'nango_deleteRecords_only_once', /once/],
  'tracking that begins twice': [lines("await nango.trackDeletesStart('Item'); await nango.trackDeletesStart('Item'); await nango.trackDeletesEnd('Item');"), 'nango_trackDeletes_only_once', /once/],
  'tracking that only ends': [lines("await nango.batchSave([], 'Item'); await nango.trackDeletesEnd('Item');"), 'nango_trackDeletes_without_start', /no trackDeletesStart/],
  'tracking that ends before it begins': [lines("await nango.trackDeletesEnd('Item'); await nango.trackDeletesStart('Item');"), 'nango_trackDeletes_without_start', /before it/],
  'retryOn without retries': [action("await nango.get({ endpoint: '/', retryOn: [500] });"), 'retryon_need_retries', /without retries/],
  'a merging strategy after a batch': [lines("await nango.batchSave([], 'Item'); await nango.setMergingStrategy({ strategy: 'override' }, 'Item');"), 'nango_setMergingStrategy_after_batching', /before any batch/],
  'a second strategy for merging after a batch': [lines("await nango.setMergingStrategy({ strategy: 'override' }, 'Item'); await nango.batchSave([], 'Item'); await nango.setMergingStrategy({ strategy: 'override' }, 'Item');"), 'nango_setMergingStrategy_after_batching', /before any batch/],
  'tracking that does not end': [lines("await nango.trackDeletesStart('Item');"), 'nango_trackDeletes_without_end', /no trackDeletesEnd/],
  'tracking that begins after a batch': [lines("await nango.batchSave([], 'Item'); await nango.trackDeletesStart('Item'); await nango.trackDeletesEnd('Item');"), 'nango_trackDeletesStart_after_batching', /before any batch/],
  'a batch after the end of tracking': [lines("await nango.trackDeletesStart('Item'); await nango.trackDeletesEnd('Item'); await nango.batchSave([], 'Item');"), 'nango_trackDeletesEnd_before_batching', /after all batches/],
  'a deletion before the batches': [lines("await nango.deleteRecordsFromPreviousExecutions('Item'); await nango.batchSave([], 'Item');"), 'nango_deleteRecords_after_batching', /after the batches/],
  'a second strategy for merging after a batch': [lines("await nango.setMergingStrategy({ strategy: 'override' }, 'Item'); await nango.batchSave([], 'Item'); await nango.setMergingStrategy({ strategy: 'override' }, 'Item');"), 'nango_setMergingStrategy_after_batching', /before any batch/],
  'text that is no TypeScript': ['export default createAction({', 'build_failed', /^function\.ts:1:/],
  'code that throws while it loads': [`${action('')}\nthrow new Error('no');`, 'load_failed', /no$/],
  'a model without an id': [sync('').replace('id: z.string()', 'name: z.string()'), 'missing_id', /model Item needs an id/],
  'a sync without models': [`${HEAD}export default createSync({ description: 'd', frequency: 'every hour', exec: async () => {} } as any);`, 'missing_models', /models/],
};

const ACCEPTED = {
  'nothing special': action(''),
  'promises that are awaited together': action("await Promise.all([1, 2].map((n) => nango.get({ endpoint: `/${n}` })));"),
  'statements of a function that is awaited': action("await Promise.all([1].map(async () => { nango.log('x'); }));"),
  'a returned call': action("const f = () => { return [nango.log('x')]; }; await Promise.all(f());"),
  'a call whose failure is looked after': action("nango.log('x').catch(() => 1); nango.log('x').then(() => 1);"),
  'calls spelled otherwise': action("nango?.log('x'); nango['log']('x'); const n = nango; n.log('x');"),
  'methods that need no await': action("nango.paginate({ endpoint: '/' }); nango.getToken(); nango.triggerSync('a', 'b', 'c'); nango.saveCheckpoint({});"),
  'retryOn in a config made before': action("const config = { endpoint: '/', retryOn: [500] }; await nango.get(config); await nango.get({ endpoint: '/', 'retryOn': [1] } as any);"),
  'types of foreign packages': `import type { Stats } from 'fs';\n${action('', '\nexport type S = Stats; export interface I { a: 1 }')}`,
  'classes and enums exported besides': action('', '\nexport class C {}\nexport enum E { A, B = 3 }\nexport const enum F { A }\nexport enum G { A = "a" }'),
  'exports of others': action('', "\nexport * from 'zod';\nexport { z as zod } from 'zod';\nexport {};"),
  'a module asked for only when it runs': action("await import('fs'); (globalThis as any).require('fs'); require('fs');", '\ndeclare const require: any;'),
  'a merging strategy behind pages': lines("for await (const page of nango.paginate({ endpoint: '/' })) await nango.log(String(page)); await nango.setMergingStrategy({ strategy: 'override' }, 'Item');"),
  'a variable as the default export': `${HEAD}let a = createAction({ description: 'd', input: z.any(), output: z.any(), exec: async () => 1 });\nexport default a;`,
  'parts of the definition from elsewhere': `${HEAD}const base = { description: 'd' };\nasync function exec() {}\nexport default createAction({ ...base, input: z.any(), output: z.any(), exec });`,
  'a model that is a union': sync('').replace("z.object({ id: z.string() })", "z.union([z.object({ id: z.string() }), z.object({ id: z.string(), more: z.string() })]) as any"),
  'calls on one line, whatever their order': sync("await nango.batchSave([], 'Item'); await nango.trackDeletesStart('Item'); await nango.trackDeletesEnd('Item'); await nango.batchSave([], 'Item');"),
  'exec as a method': `${HEAD}export default createAction({ description: 'd', input: z.any(), output: z.any(), async exec(nango) { await nango.log('x'); } });`,
};

describe('a function given as text', () => {
  for (const [name, code] of Object.entries(ACCEPTED)) {
    it(`may hold: ${name}`, async () => {
      assert.deepEqual((await compileText({ code })).errors, undefined);
    });
  }

  for (const [name, [code, type, message]] of Object.entries(REFUSED)) {
    it(`is refused: ${name}`, async () => {
      const { errors } = await compileText({ code });

      assert.deepEqual(errors?.map((error) => error.type), [type], JSON.stringify(errors));
      assert.match(errors[0].message, message);
    });
  }

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
