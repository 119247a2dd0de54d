import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { randomBytes, randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { integrationId } from '../support/environment.mjs';
import { freshIntegration, importConnection, nango } from '../support/millrace.mjs';

const blob = randomBytes(100_000);

/** A provider that tells what it was asked. */
function provider(request, response) {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    if (request.url.startsWith('/status/')) {
      response.writeHead(Number(request.url.slice('/status/'.length)), { 'content-type': 'application/json', 'x-up': 'yes' });
      return response.end('{"error":"upstream"}');
    }
    if (request.url === '/blob') {
      response.writeHead(200, { 'content-type': 'application/octet-stream' });
      return response.end(blob);
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    const { method, url, headers } = request;
    return response.end(JSON.stringify({ method, url, headers, body: Buffer.concat(chunks).toString() }));
  });
}

// Every way in which the official client calls a provider.
describe('proxy', () => {
  const customer = `proxied-${randomUUID().slice(0, 8)}`;
  const server = createServer(provider);
  let call;

  before(async () => {
    await freshIntegration();
    await importConnection(customer);
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const baseUrlOverride = `http://127.0.0.1:${server.address().port}`;
    call = { providerConfigKey: integrationId, connectionId: customer, baseUrlOverride };
  });
  after(() => server.close());

  test('each method arrives with its data', async () => {
    const data = { b: 1, a: [1, 2] };
    for (const method of ['post', 'put', 'patch', 'delete']) {
      const { data: told } = await nango[method]({ ...call, endpoint: '/x', data });
      assert.equal(told.method, method.toUpperCase());
      assert.equal(told.body, JSON.stringify(data));
      assert.equal(told.headers['content-type'], 'application/json');
    }
    const { data: got } = await nango.get({ ...call, endpoint: 'x' });
    assert.deepEqual([got.method, got.url, got.body], ['GET', '/x', '']);
    const { data: bare } = await nango.delete({ ...call, endpoint: '/x' });
    assert.equal(bare.headers['content-type'], undefined);
    assert.equal(bare.headers['content-length'], undefined);
  });

  test('parameters as an object and as text', async () => {
    const { data: object } = await nango.get({ ...call, endpoint: '/x?a=1', params: { b: 'c d', a: '2' } });
    assert.equal(new URL(object.url, 'http://x').searchParams.get('b'), 'c d');
    assert.equal(new URL(object.url, 'http://x').searchParams.get('a'), '2');
    const { data: text } = await nango.get({ ...call, endpoint: '/x', params: 'a=1&a=2&c[]=%20' });
    assert.equal(text.url, '/x?a=1&a=2&c[]=%20');
  });

  test('the caller\'s headers are sent, the client\'s are not', async () => {
    const { data } = await nango.get({ ...call, endpoint: '/x', headers: { 'X-Own': 'yes', accept: 'text/csv' } });
    assert.equal(data.headers['x-own'], 'yes');
    assert.equal(data.headers.accept, 'text/csv');
    assert.match(data.headers.authorization, /^Bearer /);
    assert.doesNotMatch(JSON.stringify(data.headers), /connection-id|provider-config-key|nango/i);
  });

  test('texts and forms keep their content type', async () => {
    const { data: text } = await nango.post({ ...call, endpoint: '/x', data: '<a/>', headers: { 'Content-Type': 'text/xml' } });
    assert.deepEqual([text.body, text.headers['content-type']], ['<a/>', 'text/xml']);
    const form = new URLSearchParams({ a: '1', b: 'x y' }).toString();
    const { data: sent } = await nango.post({
      ...call,
      endpoint: '/x',
      data: form,
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' }
    });
    assert.deepEqual([sent.body, sent.headers['content-type']], [form, 'application/x-www-form-urlencoded']);
  });

  test('bytes arrive unchanged', async () => {
    const { data } = await nango.get({ ...call, endpoint: '/blob', responseType: 'arraybuffer' });
    assert.deepEqual(Buffer.from(data), blob);
  });

  test('a failure is the provider\'s own, after the attempts that were asked for', async () => {
    const error = await nango.get({ ...call, endpoint: '/status/418', retries: 3 }).catch((e) => e);
    assert.equal(error.response.status, 418);
    assert.equal(error.response.headers['x-up'], 'yes');
    assert.deepEqual(error.response.data, { error: 'upstream' });
  });

  test('the status of a success is the provider\'s', async () => {
    assert.equal((await nango.proxy({ ...call, method: 'POST', endpoint: '/status/201' })).status, 201);
    assert.equal((await nango.get({ ...call, endpoint: '/status/204' })).status, 204);
  });
});
