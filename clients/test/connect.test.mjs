import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import Frontend from '@nangohq/frontend';

import { crmKey, integrationId, millraceUrl } from '../support/environment.mjs';
import { freshIntegration, nango } from '../support/millrace.mjs';

/** The browser's client without a browser: its form posts need nothing but fetch. */
async function frontend(session) {
  const { data } = await session;
  return new Frontend({ host: millraceUrl, connectSessionToken: data.token });
}

describe('a customer connects by a form of the application', () => {
  before(freshIntegration);

  const session = () =>
    nango.createConnectSession({
      end_user: { id: 'user-1', email: 'user-1@example.com' },
      organization: { id: 'acme' },
      allowed_integrations: [integrationId]
    });

  test('with a key, as the user of the session', async () => {
    const client = await frontend(session());

    const connected = await client.auth(integrationId, { credentials: { apiKey: crmKey } });

    assert.equal(connected.providerConfigKey, integrationId);
    const connection = await nango.getConnection(integrationId, connected.connectionId);
    assert.deepEqual(connection.credentials, { type: 'API_KEY', apiKey: crmKey });
    assert.equal(connection.end_user.id, 'user-1');
    assert.equal(connection.tags.organization_id, 'acme');
  });

  test('again, by a reconnect session', async () => {
    const { connectionId } = await (await frontend(session())).auth(integrationId, {
      credentials: { apiKey: 'first-key' }
    });

    const client = await frontend(
      nango.createReconnectSession({ connection_id: connectionId, integration_id: integrationId })
    );
    const again = await client.reconnect(integrationId, { credentials: { apiKey: 'second-key' } });

    assert.equal(again.connectionId, connectionId);
    const connection = await nango.getConnection(integrationId, connectionId);
    assert.equal(connection.credentials.apiKey, 'second-key');
  });

  test('and is told what is wrong', async () => {
    const client = await frontend(session());

    await assert.rejects(client.auth('unknown', { credentials: { apiKey: crmKey } }), { type: 'unknown_provider_config' });
    await assert.rejects(client.auth(integrationId, { credentials: { username: 'a', password: 'b' } }), {
      type: 'invalid_auth_mode'
    });
    await assert.rejects(client.auth(integrationId, { credentials: { apiKey: '' } }));
  });
});
