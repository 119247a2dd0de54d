import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { cli, exampleProject } from '../support/cli.mjs';
import { integrationId } from '../support/environment.mjs';
import { call, freshIntegration, importConnection, nango } from '../support/millrace.mjs';

describe('the official CLI', () => {
  const connectionId = `cli-${randomUUID().slice(0, 8)}`;
  let project;

  before(async () => {
    project = await exampleProject();
    await freshIntegration();
  });

  after(async () => {
    await project.remove();
    await call('DELETE', `/integrations/${integrationId}`);
  });

  test('compiles the examples', async () => {
    const { code, output } = await cli(project.folder, 'compile');
    assert.equal(code, 0, output);

    const described = JSON.parse(await readFile(join(project.folder, '.nango', 'nango.json'), 'utf8'));
    assert.deepEqual(
      described.map(({ providerConfigKey }) => providerConfigKey),
      [integrationId]
    );
  });

  test('deploys them', async () => {
    const { code, output } = await cli(project.folder, 'deploy', 'dev');

    assert.equal(code, 0, output);
    for (const name of ['contacts', 'list-custom-fields', 'update-contact']) {
      assert.match(output, new RegExp(`${name}@v1\\.0\\.0`));
    }
  });

  test('keeps what it deployed', async () => {
    const integrations = await nango.getScriptsConfig();
    const deployed = integrations.find(({ providerConfigKey }) => providerConfigKey === integrationId);

    assert.ok(deployed, JSON.stringify(integrations));
    assert.deepEqual(names(deployed.actions), ['list-custom-fields', 'update-contact']);
    assert.deepEqual(names(deployed['on-events']), ['check-key', 'connected']);
    assert.deepEqual(names(deployed.syncs), ['contacts']);
    const [sync] = deployed.syncs;
    assert.equal(sync.runs, 'every hour');
    assert.equal(sync.auto_start, false);
    assert.equal(sync.version, '1.0.0');
    assert.deepEqual(sync.returns, ['Contact']);
    assert.deepEqual(sync.features, ['checkpoints']);
    assert.equal(sync.input, 'SyncMetadata_sample_crm_contacts');
    const settings = sync.json_schema.definitions.SyncMetadata_sample_crm_contacts;
    assert.equal(settings.properties.includeArchived.default, false);
  });

  test('deploys the same once more', async () => {
    const { code, output } = await cli(project.folder, 'deploy', 'dev');

    assert.equal(code, 0, output);
  });

  test('has a connection rejected by the validation it has deployed', async () => {
    const { status, body } = await importConnection(connectionId, { key: 'not-the-key' });

    assert.equal(status, 400, JSON.stringify(body));
    assert.equal(body.error.code, 'connection_validation_failed');
  });

  test('has an action run as deployed', async () => {
    const imported = await importConnection(connectionId);
    assert.equal(imported.status, 201, JSON.stringify(imported.body));

    const { fields } = await nango.triggerAction(integrationId, connectionId, 'list-custom-fields');

    assert.ok(fields.some(({ key, label }) => key === 'cf_plan' && label), JSON.stringify(fields));
  });

  test('runs an action on this machine, its calls going through our proxy', async () => {
    const { code, output } = await cli(
      project.folder,
      ...['dryrun', 'list-custom-fields', connectionId, '-e', 'dev', '--input', '{}']
    );

    assert.equal(code, 0, output);
    assert.match(output, /cf_plan/);
  });

  test('runs a sync on this machine, with settings of its own', async () => {
    const settings = JSON.stringify({ includeArchived: true, fieldMapping: { plan: 'cf_plan' } });
    const { code, output } = await cli(
      project.folder,
      ...['dryrun', 'contacts', connectionId, '-e', 'dev', '--metadata', settings]
    );

    assert.equal(code, 0, output);
    assert.match(output, /"plan": "/);
  });

  test('deletes from the server what is no longer in the project', async () => {
    const index = join(project.folder, 'index.ts');
    const lines = (await readFile(index, 'utf8')).split('\n');
    await writeFile(index, lines.filter((line) => !line.includes('update-contact')).join('\n'));

    const { code, output } = await cli(project.folder, 'deploy', 'dev', '--allow-destructive');

    assert.equal(code, 0, output);
    const integrations = await nango.getScriptsConfig();
    const deployed = integrations.find(({ providerConfigKey }) => providerConfigKey === integrationId);
    assert.deepEqual(names(deployed.actions), ['list-custom-fields']);
  });
});

function names(functions) {
  return functions.map(({ name }) => name).sort();
}
