import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Worker } from './link.mjs';

// What older compilers made of a plain function: hoisted, exported before it is defined.
const LEGACY = `"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.default = run;
exports.onWebhookPayloadReceived = received;
async function run(nango, input) { return { input, variant: nango.variant ?? null }; }
async function received(nango, payload) { await nango.log(JSON.stringify(payload)); }`;

// What a bundler makes of `export default`: a getter that works once the whole text has run.
const BUNDLED = (definition) => `"use strict";
var x_exports = {};
Object.defineProperty(x_exports, "default", { get: () => x_default, enumerable: true });
module.exports = Object.defineProperty(x_exports, "__esModule", { value: true });
var x_default = ${definition};
0 && (module.exports = { action });`;

const HELPERS = (helper, definition) => `const { ${helper} } = require("nango"); exports.default = ${helper}(${definition});`;

describe('the loader', () => {
  let worker;
  before(async () => { worker = await Worker.start(); });
  after(() => worker.stop());

  const output = async (code, options) => {
    const { output: text, failed } = await worker.run(code, options);
    return failed ? `${failed.type}: ${failed.payload.message}` : text;
  };

  it('gives a bundle function its trigger and the methods of its capabilities', async () => {
    const code = BUNDLED(`{ type: 'function', exec: async (nango, trigger) => [trigger, Object.keys(nango).filter((k) => typeof nango[k] === 'function').sort()] }`);
    const run = (capabilities) => output(code, { type: 'function', sdkVersion: '', capabilities, input: { kind: 'invoke', input: 7 } });
    const few = ['getEnvironmentVariables', 'log', 'setLogger'];
    assert.deepEqual(JSON.parse(await run([])), [{ kind: 'invoke', input: 7 }, few]);
    assert.deepEqual(JSON.parse(await run(['checkpoints']))[1], ['clearCheckpoint', 'getCheckpoint', ...few.slice(0, 2), 'saveCheckpoint', 'setLogger']);
    assert.match(await output(LEGACY, { type: 'function' }), /Invalid script exports/);
    assert.match(await output(BUNDLED(`{ type: 'action', exec: async () => 1 }`), { type: 'function' }), /Incorrect script loaded for function/);
  });

  it('runs a plain function, with input and without', async () => {
    assert.equal(await output(LEGACY, { input: { a: 1 } }), '{"input":{"a":1},"variant":null}');
    assert.equal(await output(LEGACY), '{"input":{},"variant":null}');
    assert.equal(await output(LEGACY, { type: 'sync' }), '');
    assert.equal(await output(LEGACY, { type: 'on-event' }), '');
  });

  it('runs a plain function whatever it was compiled with', async () => {
    assert.equal(await output(LEGACY, { sdkVersion: '0.58.0-yaml' }), '{"input":{},"variant":null}');
  });

  it('hands a webhook to its named export', async () => {
    const lines = [];
    const { failed } = await worker.run(LEGACY, { type: 'webhook', input: { event: 'x' }, host: (head) => void lines.push(head.message) });

    assert.equal(failed, undefined);
    assert.deepEqual(lines, ['{"event":"x"}']);
    assert.equal(await output('exports.default = () => 1;', { type: 'webhook', input: {} }), 'script_internal_error: Missing onWebhook function');
  });

  it('reads the default export after the whole text has run', async () => {
    assert.equal(await output(BUNDLED('{ type: "action", exec: async (nango, input) => input.a }'), { input: { a: 7 } }), '7');
  });

  it('offers the helpers that only add a type', async () => {
    assert.equal(await output(HELPERS('createAction', '{ exec: () => "made" }')), '"made"');
    assert.equal(await output(HELPERS('createSync', '{ exec: () => 1 }'), { type: 'sync' }), '');
    assert.equal(await output(HELPERS('createOnEvent', '{ exec: () => 1 }'), { type: 'on-event' }), '');
  });

  it('refuses a definition of another kind, of another compiler, or without its handler', async () => {
    const sync = BUNDLED('{ type: "sync", exec: async () => {} }');

    assert.equal(await output(sync), 'script_internal_error: Incorrect script loaded for action');
    assert.equal(await output(sync, { type: 'webhook', input: {} }), 'script_internal_error: Missing onWebhook function');
    assert.equal(await output(BUNDLED('{ type: "action" }')), 'script_internal_error: Missing exec function');
    assert.equal(await output(sync, { type: 'sync', sdkVersion: '0.58.0-yaml' }), 'script_internal_error: Invalid script configuration');
    assert.equal(await output('exports.default = 5;'), 'script_internal_error: Invalid script exports');
    assert.equal(await output('exports.other = () => 1;'), 'script_internal_error: Invalid script exports');
  });
});
