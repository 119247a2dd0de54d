import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';

import { Nango } from '@nangohq/node';

import { millraceUrl, secretKey } from '../support/environment.mjs';
import { call, eventually, freshIntegration, importConnection } from '../support/millrace.mjs';

// An application that receives webhooks and verifies them with the official client.
describe('webhooks', () => {
  const received = [];
  let app;
  let key;
  let client;

  before(async () => {
    await freshIntegration();
    app = createServer(async (request, response) => {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(204).end();
    });
    await new Promise((resolve) => app.listen(0, '127.0.0.1', resolve));
    key = (await call('POST', '/environment/webhook-signing-key/rotate', { body: {} })).body.data.webhook_signing_key;
    client = new Nango({ host: millraceUrl, secretKey, webhookSigningKey: key });
    await settings({ primary_url: `http://localhost:${app.address().port}/hook`, on_metadata_change: true });
  });

  after(async () => {
    await settings({ primary_url: null, on_metadata_change: false });
    app?.close();
    app?.closeAllConnections();
  });

  async function settings(webhooks) {
    const { status, body } = await call('PATCH', '/environment/settings', { body: { webhooks } });
    assert.equal(status, 200, JSON.stringify(body));
  }

  const arrived = (matches) => eventually('a webhook', () => received.find(({ body }) => matches(JSON.parse(body))));

  test('the official client verifies the signatures', async () => {
    await importConnection('webhook-1', { tags: { note: 'é <中> "/" \u2028 😀' }, metadata: { a: 1.5, b: 1e21, c: [1, 0.000001] } });

    const created = await arrived((body) => body.type === 'auth' && body.connectionId === 'webhook-1');
    const changed = await arrived((body) => body.type === 'metadata' && body.connectionId === 'webhook-1');

    for (const { body, headers } of [created, changed]) {
      assert.equal(client.verifyIncomingWebhookRequest(body, headers), true);
      assert.equal(client.verifyIncomingWebhookRequest(body + ' ', headers), false);
      assert.equal(client.verifyWebhookSignature(headers['x-nango-signature'], JSON.parse(body)), true);
    }
  });

  test('the headers have a valid signature of Standard Webhooks', async () => {
    const { body, headers } = received[0];

    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    const signature = createHmac('sha256', key).update(signed).digest('base64');

    assert.ok(headers['webhook-signature'].split(' ').includes(`v1,${signature}`));
    assert.equal(headers['webhook-id'], headers['x-millrace-delivery-id']);
    assert.ok(Math.abs(Date.now() / 1000 - Number(headers['webhook-timestamp'])) < 300);
  });

  test('sent events can be polled', async () => {
    const { body } = await call('GET', '/webhooks/events?limit=1000');

    const sent = received.map(({ body: text }) => text);
    assert.ok(body.data.some((event) => sent.includes(JSON.stringify(event.body))));
  });
});
