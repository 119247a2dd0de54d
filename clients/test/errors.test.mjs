import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { Nango } from '@nangohq/node';

import { millraceUrl } from '../support/environment.mjs';
import { call, nango, refused } from '../support/millrace.mjs';

describe('bad input', () => {
  const key = `errors-${randomUUID().slice(0, 8)}`;
  const connection = 'known';

  before(async () => {
    await nango.createIntegration({ provider: 'unauthenticated', unique_key: key });
    const imported = await call('POST', '/connections', {
      body: { provider_config_key: key, connection_id: connection, credentials: { type: 'NONE' }, metadata: { a: 1 } }
    });
    assert.equal(imported.status, 201, JSON.stringify(imported.body));
  });

  after(() => call('DELETE', `/integrations/${key}`));

  test('keys', async () => {
    const stranger = (secretKey) => new Nango({ host: millraceUrl, secretKey }).listIntegrations();

    await refused(401, 'unknown_account', stranger(randomUUID()));
    await refused(401, 'invalid_secret_key_format', stranger('no-uuid'));
    const { status, body } = await call('GET', '/integrations', { key: null });
    assert.equal(status, 401);
    assert.equal(body.error.code, 'missing_auth_header');
  });

  test('integrations', async () => {
    await refused(404, 'not_found', nango.getIntegration({ uniqueKey: 'nope' }));
    await refused(404, 'not_found', nango.updateIntegration({ uniqueKey: 'nope' }, { display_name: 'x' }));
    await refused(404, 'not_found', nango.deleteIntegration('nope'));
    await refused(404, 'not_found', nango.getProvider({ provider: 'nope' }));

    const create = (body) => refused(400, 'invalid_body', nango.createIntegration(body));
    const taken = await create({ provider: 'unauthenticated', unique_key: key });
    assert.deepEqual(paths(taken), [['uniqueKey']]);
    const unknown = await create({ provider: 'no-such-provider', unique_key: 'x' });
    assert.deepEqual(paths(unknown), [['provider']]);
    const extra = await create({ provider: 'unauthenticated', unique_key: 'x', nope: 1 });
    assert.equal(extra.errors[0].code, 'unrecognized_keys');
  });

  test('connections', async () => {
    await refused(404, 'not_found', nango.getConnection(key, 'nope'));
    await refused(400, 'unknown_provider_config', nango.getConnection('nope', connection));
    await refused(400, 'unknown_connection', nango.deleteConnection(key, 'nope'));

    const empty = await call('POST', '/connections', { body: {} });
    assert.equal(empty.status, 400);
    assert.deepEqual(paths(empty.body.error), [['provider_config_key'], ['credentials']]);
    const wrongMode = await call('POST', '/connections', {
      body: { provider_config_key: key, connection_id: 'x', credentials: { type: 'API_KEY', apiKey: 'k' } }
    });
    assert.equal(wrongMode.status, 400);
    assert.equal(wrongMode.body.error.code, 'invalid_body');
  });

  test('metadata', async () => {
    await refused(404, 'unknown_connection', nango.setMetadata(key, 'nope', {}));
    await refused(404, 'unknown_connection', nango.updateMetadata('nope', connection, {}));

    for (const metadata of ['text', 7, null, undefined]) {
      const { status, body } = await call('POST', '/connections/metadata', {
        body: { provider_config_key: key, connection_id: connection, metadata }
      });
      assert.equal(status, 400, JSON.stringify({ metadata, body }));
      assert.equal(body.error.code, 'invalid_body');
      assert.deepEqual(paths(body.error), [['metadata']]);
    }
    assert.deepEqual(await nango.getMetadata(key, connection), { a: 1 });
  });

  test('of several connections none is changed when one is missing', async () => {
    await refused(404, 'unknown_connection', nango.setMetadata(key, [connection, 'nope'], { b: 2 }));

    assert.deepEqual(await nango.getMetadata(key, connection), { a: 1 });
  });

  test('sync commands', async () => {
    for (const command of ['triggerSync', 'startSync', 'pauseSync']) {
      await refused(400, 'no_syncs_found', nango[command](key, ['nope'], connection));
      await refused(404, 'unknown_connection', nango[command](key, ['nope'], 'nope'));
      await refused(400, 'unknown_provider_config', nango[command]('nope', ['nope'], connection));
    }
    await refused(400, 'invalid_body', nango.syncStatus(key, '*', 'nope'));
    assert.deepEqual(await nango.syncStatus(key, '*', connection), { syncs: [] });
    await refused(400, 'unknown_sync', nango.updateSyncConnectionFrequency(key, 'nope', connection, 'every hour'));
  });

  test('records', async () => {
    const list = (query) =>
      nango.listRecords({ providerConfigKey: key, connectionId: connection, model: 'Nope', ...query });

    assert.deepEqual(await list(), { records: [], next_cursor: null });
    await refused(400, 'unknown_connection', list({ connectionId: 'nope' }));
    await refused(400, 'invalid_query_params', list({ cursor: 'not-a-cursor' }));
    await refused(400, 'invalid_query_params', list({ limit: 10_001 }));
    await refused(400, 'invalid_query_params', list({ filter: 'foo' }));
    await refused(400, 'invalid_query_params', list({ modifiedAfter: 'yesterday' }));
  });

  test('actions', async () => {
    await refused(404, 'not_found', nango.triggerAction(key, connection, 'nope', {}));
    await refused(400, 'unknown_connection', nango.triggerAction(key, 'nope', 'nope', {}));
    await refused(400, 'invalid_body', nango.triggerAction(key, connection, 'a b', {}));
    await refused(404, 'not_found', nango.triggerActionAsync(key, connection, 'nope', {}));
    await refused(404, 'not_found', nango.getAsyncActionResult({ id: randomUUID() }));
    await refused(400, 'invalid_uri_params', nango.getAsyncActionResult({ id: 'nope' }));
  });

  test('the proxy', async () => {
    const get = (options) =>
      nango.get({ endpoint: '/x', providerConfigKey: key, connectionId: connection, ...options });

    await refused(400, 'unsupported_provider', get());
    await refused(400, 'server_error', get({ connectionId: 'nope', baseUrlOverride: 'http://127.0.0.1:1' }));
    await refused(404, 'unknown_provider_config', get({ providerConfigKey: 'nope' }));
    await refused(400, 'invalid_headers', get({ baseUrlOverride: 'not a url' }));
  });

  test('bodies', async () => {
    const broken = await call('POST', '/connections/metadata', { body: '{"connection_id":' });
    assert.equal(broken.status, 400);
    assert.equal(broken.body.error.code, 'invalid_json');

    const headers = { 'content-type': 'text/plain' };
    const text = await call('POST', '/connections/metadata', { body: 'a=b', headers });
    assert.equal(text.status, 415);
    assert.equal(text.body.error.code, 'invalid_content_type');
  });

});

/** Where the errors of a validation lie. */
function paths(error) {
  return error.errors?.map(({ path }) => path);
}
