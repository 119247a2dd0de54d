import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { cli, initProject } from '../support/cli.mjs';
import { call, eventually, nango } from '../support/millrace.mjs';

const INTEGRATION = 'github';
const CONNECTION = 'octocat';

describe("the official CLI's own example project", () => {
  let project;

  before(async () => {
    project = await initProject();
    await call('DELETE', `/integrations/${INTEGRATION}`);
    await nango.createIntegration({ provider: 'github', unique_key: INTEGRATION });
    const { status, body } = await call('POST', '/connections', {
      body: { provider_config_key: INTEGRATION, connection_id: CONNECTION, credentials: { type: 'API_KEY', apiKey: 'key' } }
    });
    assert.equal(status, 201, JSON.stringify(body));
  });

  after(async () => {
    await project.remove();
    await call('DELETE', `/integrations/${INTEGRATION}`);
  });

  test('is compiled', async () => {
    const { code, output } = await cli(project.folder, 'compile');

    assert.equal(code, 0, output);
  });

  test('is deployed, after a plan of what is new', async () => {
    const { code, output } = await cli(project.folder, 'deploy', 'dev');

    assert.equal(code, 0, output);
    assert.match(output, /fetchIssues@v1\.0\.0/);
    assert.match(output, /createIssue@v1\.0\.0/);
    assert.match(output, /pre-connection-deletion@v0\.0\.1/);
  });

  test('has its sync started by itself on the connection that is there', async () => {
    const status = await eventually('the sync to run', async () => {
      const { syncs } = await nango.syncStatus(INTEGRATION, ['fetchIssues'], CONNECTION);
      return syncs[0]?.finishedAt && syncs[0];
    });
    const { records } = await nango.listRecords({ providerConfigKey: INTEGRATION, connectionId: CONNECTION, model: 'GithubIssue' });

    assert.equal(status.latestExecutionStatus, 'SUCCESS', JSON.stringify(status));
    assert.deepEqual(records.map(({ issue_number }) => issue_number).sort(), [1, 2, 4]);
  });

  test('has its action run', async () => {
    const issue = {
      id: '1', owner: 'o', repo: 'r', issue_number: 1, title: 't', state: 'open', author: 'a', author_id: 1, body: 'b', date_created: '', date_last_modified: ''
    };

    assert.equal(await nango.triggerAction(INTEGRATION, CONNECTION, 'createIssue', issue), null);
  });

  test('has its sync run on this machine, without saving', async () => {
    const { code, output } = await cli(project.folder, 'dryrun', 'fetchIssues', CONNECTION, '-e', 'dev', '--validate');

    assert.equal(code, 0, output);
    assert.match(output, /issue_number/);
  });

  test('is pulled back as it was deployed', async () => {
    const file = join(project.folder, INTEGRATION, 'actions', 'createIssue.ts');
    const before = await readFile(file, 'utf8');
    await rm(file);

    const { code, output } = await cli(project.folder, 'pull', INTEGRATION, 'createIssue', '-e', 'dev', '--force');

    assert.equal(code, 0, output);
    assert.equal(await readFile(file, 'utf8'), before);
  });

  test('gets its earlier version back by our rollback', async () => {
    const functions = `/integrations/${INTEGRATION}/functions`;
    const redeployed = await cli(project.folder, 'deploy', 'dev', '--version', '2.0.0');
    assert.equal(redeployed.code, 0, redeployed.output);
    assert.match(redeployed.output, /fetchIssues@v2\.0\.0/);

    const { status, body } = await call('POST', `${functions}/fetchIssues/rollback`, { body: {} });

    assert.equal(status, 200, JSON.stringify(body));
    assert.equal(body.data.version, '1.0.0');
    const { body: kept } = await call('GET', `${functions}/fetchIssues/versions`);
    assert.deepEqual(kept.data.map(({ version, active }) => [version, active]), [['1.0.0', true], ['2.0.0', false]]);
  });
});
