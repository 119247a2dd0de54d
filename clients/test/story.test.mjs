import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, describe, test } from 'node:test';

import Frontend from '@nangohq/frontend';

import { deployExamples } from '../support/cli.mjs';
import { crmKey, crmUrl, integrationId } from '../support/environment.mjs';
import {
  allContacts,
  allRecords,
  call,
  contactsStatus,
  eventually,
  freshIntegration,
  importConnection,
  nango,
  refused,
  run
} from '../support/millrace.mjs';

// The life of one customer, told with the official client. Each test goes on where the one before has stopped.
describe('customer configuration', () => {
  const customer = `customer-${randomUUID().slice(0, 8)}`;
  let region;
  let lastCursor;
  let changedId;

  before(async () => {
    await freshIntegration();
    await deployExamples();
  });

  test('the integration is there', async () => {
    const { data } = await nango.getIntegration({ uniqueKey: integrationId });

    assert.equal(data.unique_key, integrationId);
    assert.equal(data.provider, 'private-api-bearer');
    assert.equal(data.display_name, 'Sample CRM');
    const { configs } = await nango.listIntegrations();
    assert.ok(configs.some(({ unique_key }) => unique_key === integrationId));
  });

  test('the customer connects: the key is imported', async () => {
    const { status, body } = await importConnection(customer, { tags: { end_user_id: customer } });

    assert.equal(status, 201, JSON.stringify(body));
    assert.equal(body.connection_id, customer);
    assert.deepEqual(body.credentials, { type: 'API_KEY', apiKey: crmKey });
    assert.deepEqual(body.errors, []);
  });

  test('the event function has noted the time', async () => {
    const metadata = await eventually('connectedAt', async () => {
      const now = await nango.getMetadata(integrationId, customer);
      return now?.connectedAt && now;
    });

    assert.ok(!Number.isNaN(Date.parse(metadata.connectedAt)));
  });

  test('the settings page asks which fields there are to map', async () => {
    const { fields } = await nango.triggerAction(integrationId, customer, 'list-custom-fields', {});

    const plan = fields.find(({ key }) => key === 'cf_plan');
    assert.deepEqual(Object.keys(plan).sort(), ['key', 'label', 'type']);
  });

  test('the same is asked without waiting', async () => {
    const accepted = await nango.triggerActionAsync(integrationId, customer, 'list-custom-fields', {});

    assert.deepEqual(accepted, { id: accepted.id, statusUrl: `/action/${accepted.id}` });
    const running = () => nango.getAsyncActionResult({ id: accepted.id }).catch(({ response }) => {
      assert.equal(response.status, 404);
    });
    const { fields } = await eventually('the result of the action', running);
    assert.ok(fields.some(({ key }) => key === 'cf_plan'));
    assert.deepEqual(await nango.getAsyncActionResult({ statusUrl: accepted.statusUrl }), { fields });
  });

  test('the proxy reaches the CRM with the key of the customer', async () => {
    const me = await nango.proxy({
      method: 'GET',
      endpoint: '/me',
      providerConfigKey: integrationId,
      connectionId: customer
    });
    assert.equal(me.status, 200);
    assert.ok(me.data.account);

    const some = await nango.get({
      endpoint: '/contacts',
      providerConfigKey: integrationId,
      connectionId: customer,
      params: { limit: '1', archived: 'all' }
    });
    assert.equal(some.data.data.length, 1);
    region = some.data.data[0].region;
  });

  test('the proxy answers as the CRM answers', async () => {
    const direct = await fetch(`${crmUrl}/contacts/nope`, { headers: { authorization: `Bearer ${crmKey}` } });

    const proxied = await nango
      .get({ endpoint: '/contacts/nope', providerConfigKey: integrationId, connectionId: customer })
      .catch(({ response }) => response);

    assert.equal(direct.status, 404);
    assert.equal(proxied.status, direct.status);
    assert.deepEqual(proxied.data, await direct.json());
  });

  test('the settings are saved', async () => {
    const settings = { region, fieldMapping: { plan: 'cf_plan', seats: 'cf_seats' } };

    const set = await nango.setMetadata(integrationId, customer, settings);
    assert.equal(set.status, 201);
    assert.deepEqual(set.data, { connection_id: customer, provider_config_key: integrationId, metadata: settings });
    assert.deepEqual(await nango.getMetadata(integrationId, customer), settings);

    const update = await nango.updateMetadata(integrationId, customer, { includeArchived: true });
    assert.equal(update.status, 200);
    assert.deepEqual(await nango.getMetadata(integrationId, customer), { ...settings, includeArchived: true });
  });

  test('updates at the same time are all kept', async () => {
    const keys = Array.from({ length: 10 }, (_, i) => `key${i}`);

    await Promise.all(keys.map((key) => nango.updateMetadata(integrationId, customer, { [key]: key })));

    const metadata = await nango.getMetadata(integrationId, customer);
    assert.deepEqual(
      keys.map((key) => metadata[key]),
      keys
    );
    const settings = Object.fromEntries(Object.entries(metadata).filter(([key]) => !keys.includes(key)));
    await nango.setMetadata(integrationId, customer, settings);
  });

  test('the connection can be read', async () => {
    const connection = await nango.getConnection(integrationId, customer);

    assert.equal(connection.connection_id, customer);
    assert.equal(connection.provider, 'private-api-bearer');
    assert.deepEqual(connection.credentials, { type: 'API_KEY', apiKey: crmKey });
    assert.equal(connection.metadata.includeArchived, true);
    assert.deepEqual(connection.tags, { end_user_id: customer });
    const { connections } = await nango.listConnections({ connectionId: customer });
    assert.deepEqual(
      connections.map(({ connection_id, provider_config_key }) => [connection_id, provider_config_key]),
      [[customer, integrationId]]
    );
  });

  test('the sync waits until it is started', async () => {
    const status = await contactsStatus(customer);

    assert.equal(status.status, 'PAUSED');
    assert.equal(status.frequency, 'every hour');
    assert.equal(status.nextScheduledSyncAt, null);
    assert.equal(status.finishedAt, undefined);
    assert.deepEqual(status.recordCount, { Contact: 0 });
  });

  test('the sync is started, and runs at once', async () => {
    const status = await run(customer, () => nango.startSync(integrationId, ['contacts'], customer));

    assert.equal(status.status, 'SUCCESS');
    assert.ok(Date.parse(status.nextScheduledSyncAt) > Date.parse(status.finishedAt));
    assert.equal(status.checkpoint, null);
    const expected = await allContacts(customer, { region, archived: 'all' });
    assert.deepEqual(status.latestResult, { Contact: { added: expected.length, updated: 0, deleted: 0 } });
    assert.deepEqual(status.recordCount, { Contact: expected.length });
  });

  test('the records are read page by page, mapped as the customer wants', async () => {
    const contacts = new Map((await allContacts(customer, { region, archived: 'all' })).map((c) => [c.id, c]));

    const records = await allRecords(customer);

    assert.deepEqual(new Set(records.map(({ id }) => id)), new Set(contacts.keys()));
    assert.equal(records.length, contacts.size);
    for (const { _nango_metadata: metadata, ...record } of records) {
      const { id, email, name, archived, updated_at: updatedAt, custom } = contacts.get(record.id);
      const mapped = {
        ...('cf_plan' in custom && { plan: custom.cf_plan }),
        ...('cf_seats' in custom && { seats: custom.cf_seats })
      };
      assert.deepEqual(record, { id, email, name, region, archived, updatedAt, ...mapped });
      assert.equal(metadata.last_action, 'ADDED');
      assert.equal(metadata.deleted_at, null);
    }
    lastCursor = records.at(-1)._nango_metadata.cursor;
    changedId = records[0].id;
    assert.deepEqual(await allRecords(customer, { cursor: lastCursor }), []);
  });

  test('an action writes, and the next run returns that change only', async () => {
    const name = `Renamed ${randomUUID()}`;
    const changed = await nango.triggerAction(integrationId, customer, 'update-contact', { id: changedId, name });
    assert.equal(changed.id, changedId);
    assert.equal(changed.name, name);

    const status = await run(customer, () => nango.triggerSync(integrationId, ['contacts'], customer));

    assert.deepEqual(status.latestResult, { Contact: { added: 0, updated: 1, deleted: 0 } });
    const records = await allRecords(customer, { cursor: lastCursor });
    assert.deepEqual(
      records.map((record) => [record.id, record.name, record._nango_metadata.last_action]),
      [[changedId, name, 'UPDATED']]
    );
    lastCursor = records[0]._nango_metadata.cursor;
  });

  test('an action rejects bad input with a readable message', async () => {
    const bad = nango.triggerAction(integrationId, customer, 'update-contact', { id: changedId, email: 'no email' });

    const error = await refused(500, 'action_script_runtime_error', bad);
    assert.deepEqual(error.payload, { message: 'Invalid input provided' });
  });

  test('an action reports a refusal of the CRM', async () => {
    const missing = nango.triggerAction(integrationId, customer, 'update-contact', { id: 'c-none', name: 'Nobody' });

    const error = await refused(424, 'script_http_error', missing);
    assert.equal(error.upstream.status, 404);
  });

  test('other settings select other records', async () => {
    const archived = await allContacts(customer, { region, archived: 'true' });
    await nango.updateMetadata(integrationId, customer, { includeArchived: false });

    const status = await run(customer, () => nango.triggerSync(integrationId, ['contacts'], customer, { reset: true }));

    assert.deepEqual(status.latestResult, { Contact: { added: 0, updated: 0, deleted: archived.length } });
    const changes = await allRecords(customer, { cursor: lastCursor });
    assert.deepEqual(new Set(changes.map(({ id }) => id)), new Set(archived.map(({ id }) => id)));
    for (const { _nango_metadata: metadata } of changes) {
      assert.equal(metadata.last_action, 'DELETED');
      assert.ok(metadata.deleted_at);
    }
    const filtered = await allRecords(customer, { filter: 'deleted' });
    assert.equal(filtered.length, archived.length);
  });

  test('the cache is cleared and filled again', async () => {
    const status = await run(customer, () =>
      nango.triggerSync(integrationId, ['contacts'], customer, { reset: true, emptyCache: true })
    );

    const expected = await allContacts(customer, { region });
    assert.deepEqual(status.latestResult, { Contact: { added: expected.length, updated: 0, deleted: 0 } });
    assert.equal((await allRecords(customer)).length, expected.length);
  });

  test('this customer gets a frequency of their own', async () => {
    const faster = await nango.updateSyncConnectionFrequency(integrationId, 'contacts', customer, 'every 2 hours');
    assert.deepEqual(faster, { frequency: '2 hours' });

    const back = await nango.updateSyncConnectionFrequency(integrationId, 'contacts', customer, null);
    assert.equal((await contactsStatus(customer)).frequency, 'every hour', JSON.stringify(back));
  });

  test('the sync is paused', async () => {
    await nango.pauseSync(integrationId, ['contacts'], customer);

    const status = await contactsStatus(customer);
    assert.equal(status.status, 'PAUSED');
    assert.equal(status.nextScheduledSyncAt, null);
  });

  test('the connection is deleted', async () => {
    const deleted = await nango.deleteConnection(integrationId, customer);
    assert.equal(deleted.status, 200);
    assert.deepEqual(deleted.data, { success: true });

    await refused(404, 'not_found', nango.getConnection(integrationId, customer));
    await refused(400, 'unknown_connection', allRecords(customer));
    await refused(400, 'unknown_connection', nango.deleteConnection(integrationId, customer));
    assert.equal((await call('DELETE', `/integrations/${integrationId}`)).status, 200);
  });
});
