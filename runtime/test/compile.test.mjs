import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { compile } from '../src/compile.mjs';
import { frequencyProblem } from '../src/compile/frequency.mjs';
import { Worker } from './link.mjs';

const SYNC = `
import { createSync, type ProxyConfiguration } from 'nango';
import * as z from 'zod';
import { twice } from '../../helpers/twice.js';
const Issue = z.object({ id: z.string(), at: z.date(), note: z.string().nullable(), n: z.number().optional() });
export default createSync({
  description: 'Issues', frequency: 'every hour', models: { Issue }, metadata: z.object({ on: z.boolean().default(false) }),
  exec: async (nango) => { const c: ProxyConfiguration = { endpoint: '/x' }; await nango.saveCheckpoint({ n: twice(2), c: c.endpoint }); },
});`;

const ACTION = `
import { createAction } from 'nango';
import * as z from 'zod';
const action = createAction({ description: 'Do', version: '1.2.3', input: z.void(), output: z.any(), exec: async (_nango, input: unknown) => ({ input }) });
export default action;`;

const EVENT = `
import { createOnEvent } from 'nango';
export default createOnEvent({ description: 'Hello', event: 'validate-connection', exec: async () => {} });`;

const folders = [];

function project(files) {
  const root = mkdtempSync(path.join(tmpdir(), 'millrace-'));
  folders.push(root);
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  }
  return root;
}

const WHOLE = {
  'index.ts': "import './my-crm/syncs/issues.js';\nimport './my-crm/actions/do-it.js'\nimport \"./my-crm/on-events/check\";\n",
  'my-crm/syncs/issues.ts': SYNC,
  'my-crm/actions/do-it.ts': ACTION,
  'my-crm/on-events/check.ts': EVENT,
  'helpers/twice.ts': 'export const twice = (n: number): number => n * 2;',
};

describe('the compiler', () => {
  after(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

  it('makes what a deployment sends', async () => {
    const result = await compile(project(WHOLE));

    assert.equal(result.errors, undefined);
    const [sync, action] = result.flowConfigs;
    assert.deepEqual({ ...sync, fileBody: undefined }, {
      syncName: 'issues', providerConfigKey: 'my-crm', models: ['Issue'], version: '', runs: 'every hour', track_deletes: false, auto_start: false,
      attributes: {}, metadata: { description: 'Issues', scopes: [] }, input: 'SyncMetadata_my_crm_issues', sync_type: 'full', type: 'sync',
      fileBody: undefined, endpoints: [], webhookSubscriptions: [], features: ['checkpoints'],
      models_json_schema: { definitions: {
        Issue: {
          type: 'object', additionalProperties: false, required: ['id', 'at', 'note'],
          properties: { id: { type: 'string' }, at: { type: 'string', format: 'date-time' }, note: { anyOf: [{ type: 'string' }, { type: 'null' }] }, n: { type: 'number' } },
        },
        SyncMetadata_my_crm_issues: { type: 'object', additionalProperties: false, required: ['on'], properties: { on: { default: false, type: 'boolean' } } },
      } },
    });
    assert.deepEqual([action.input, action.models, action.version, action.models_json_schema.definitions.ActionInput_my_crm_doit],
      ['ActionInput_my_crm_doit', ['ActionOutput_my_crm_doit'], '1.2.3', { type: 'null' }]);
    assert.deepEqual(result.onEventScriptsByProvider.map((p) => [p.providerConfigKey, p.scripts[0].name, p.scripts[0].event]), [['my-crm', 'check', 'validate-connection']]);
    assert.equal(sync.fileBody.ts, SYNC);
    assert.doesNotMatch(sync.fileBody.js, /require\("nango"\)/);
  });

  it('makes bundles that a worker runs', async () => {
    const { flowConfigs } = await compile(project(WHOLE), ['my-crm/syncs/issues.ts', 'my-crm/actions/do-it.ts']);
    const worker = await Worker.start();
    const saved = [];

    const ran = await worker.run(flowConfigs[0].fileBody.js, { type: 'sync', host: (head, body) => void saved.push(head.m, JSON.parse(body)) });
    const answered = await worker.run(flowConfigs[1].fileBody.js, { input: 5 });
    worker.stop();

    assert.deepEqual(ran, { output: '' });
    assert.deepEqual(saved, ['checkpoint.save', { n: 4, c: '/x' }]);
    assert.equal(answered.output, '{"input":5}');
  });

  it('names the file and the fault', async () => {
    const faults = {
      'a/actions/import.ts': ["import fs from 'node:fs'; export default fs;", 'disallowed_import', /import\.ts:1:1: 'node:fs' cannot be imported/],
      'a/actions/outside.ts': [`import x from '../../../x.json';${ACTION.replace('({ input })', '({ x, input })')}`, 'disallowed_import', /outside the project/],
      'a/actions/syntax.ts': ['export default {', 'build_failed', /a\/actions\/syntax\.ts:1:/],
      'a/actions/nothing.ts': ['const x = 1;', 'nango_invalid_default_export', /default export/],
      'a/actions/throws.ts': [`throw new Error('at load');${ACTION}`, 'load_failed', /at load/],
      'a/syncs/kind.ts': [ACTION, 'wrong_folder', /type action/],
      'a/syncs/often.ts': [SYNC.replace('every hour', 'every 5s').replaceAll('twice(2)', '2').replace(/.*helpers.*\n/, ''), 'invalid_frequency', /30 seconds/],
      'a/actions/gone.ts': [undefined, 'missing_file', /does not exist/],
    };
    const files = Object.fromEntries(Object.entries(faults).filter(([, [text]]) => text).map(([file, [text]]) => [file, text]));
    for (const [file, [, type, message]] of Object.entries(faults)) {
      const { errors, flowConfigs } = await compile(project(files), [file]);
      assert.deepEqual([errors[0].file, errors[0].type, flowConfigs], [file, type, []]);
      assert.match(errors[0].message, message);
    }
  });

  it('understands the ways to say how often', () => {
    for (const good of ['every hour', 'every 5 minutes', 'every half day', '30s', 'every 1.5 hours', 'every 6min', 'every week', 'every month']) assert.equal(frequencyProblem(good), undefined, good);
    for (const bad of ['', 'every', 'sometimes', 'every 29s', 'every 0 hours', 'every 5 parsecs']) assert.ok(frequencyProblem(bad), bad);
  });
});
