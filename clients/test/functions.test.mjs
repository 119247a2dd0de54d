import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { cli, initProject } from '../support/cli.mjs';
import { integrationId } from '../support/environment.mjs';
import { call, eventually, freshIntegration, importConnection } from '../support/millrace.mjs';

const COUNT = `
import { createFunction } from 'nango/experimental';
import * as z from 'zod';

export default createFunction({
  description: 'Counts contacts',
  trigger: { kind: 'http' },
  input: z.object({ limit: z.number() }),
  output: z.object({ contacts: z.number(), kind: z.string() }),
  limits: { concurrency: { perConnection: 1 } },
  exec: async (nango, trigger) => {
    const call = { endpoint: '/contacts', params: { limit: String(trigger.input.limit) } };
    const page = (await nango.get(call)) as { data: { data: unknown[] } };
    return { contacts: page.data.data.length, kind: trigger.kind };
  }
});
`;

describe('createFunction of the official CLI', () => {
  const connectionId = `fn-${randomUUID().slice(0, 8)}`;
  let project;

  before(async () => {
    project = await initProject();
    await freshIntegration();
    const imported = await importConnection(connectionId);
    assert.equal(imported.status, 201, JSON.stringify(imported.body));
    await rm(join(project.folder, 'github'), { recursive: true, force: true });
    await mkdir(join(project.folder, integrationId), { recursive: true });
    await writeFile(join(project.folder, integrationId, 'count-contacts.ts'), COUNT);
    await writeFile(join(project.folder, 'index.ts'), `import './${integrationId}/count-contacts.js';\n`);
  });

  after(async () => {
    await project.remove();
    await call('DELETE', `/integrations/${integrationId}`);
  });

  const invoke = (type, input) =>
    call('POST', '/functions/invocations', {
      body: {
        name: 'count-contacts',
        integration_id: integrationId,
        connection_id: connectionId,
        invocation_type: type,
        input
      }
    });

  test('is deployed', async () => {
    const { code, output } = await cli(project.folder, 'deploy', 'dev');
    assert.equal(code, 0, output);
    const { body } = await call('GET', `/integrations/${integrationId}/functions?type=function`);
    assert.deepEqual(body.data.map(({ name }) => name), ['count-contacts'], output);
  });

  test('is invoked and waited for', async () => {
    const { status, body } = await invoke('wait', { limit: 3 });
    assert.deepEqual([status, body], [200, { contacts: 3, kind: 'http' }]);
  });

  test('is invoked and asked for later', async () => {
    const accepted = await invoke('no_wait', { limit: 2 });
    assert.equal(accepted.status, 202, JSON.stringify(accepted.body));
    const ended = await eventually('the outcome', async () => {
      const answer = await call('GET', accepted.body.statusUrl);
      return answer.status !== 202 && answer;
    });
    assert.deepEqual(ended.body, { contacts: 2, kind: 'http' });
  });

  test('gets only input that fits its schema', async () => {
    const { status, body } = await invoke('wait', { limit: 'many' });
    assert.equal(status, 400);
    assert.equal(body.error.message, 'invalid_function_input');
  });

  test('deployed once more is unchanged', async () => {
    const { code, output } = await cli(project.folder, 'deploy', 'dev');
    assert.equal(code, 0, output);
    const { body } = await call('GET', `/integrations/${integrationId}/functions/count-contacts/versions?type=function`);
    assert.equal(body.data.length, 1);
  });
});
