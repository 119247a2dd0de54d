import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';

import { Nango } from '@nangohq/node';

import { crmKey, crmUrl, integrationId, millraceUrl, secretKey } from './environment.mjs';

/** The official client, told nothing but the host and the key. */
export const nango = new Nango({ host: millraceUrl, secretKey });

/** A plain HTTP call, for what the official client has no method for. Answers the status and the JSON body, if any. */
export async function call(method, path, { body, headers, key = secretKey } = {}) {
  const response = await fetch(millraceUrl + path, {
    method,
    headers: {
      ...(key && { authorization: `Bearer ${key}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) })
  });
  const text = await response.text();
  return { status: response.status, body: text ? JSON.parse(text) : undefined };
}

/** Starts from nothing: removes what an earlier run has left, then creates the integration of the examples. */
export async function freshIntegration() {
  await call('DELETE', `/integrations/${integrationId}`);
  return nango.createIntegration({
    provider: 'private-api-bearer',
    unique_key: integrationId,
    display_name: 'Sample CRM',
    integration_config: { baseUrl: crmUrl }
  });
}

/** Stores a customer's key, as an app does which has asked for it on a page of its own. */
export function importConnection(connectionId, { key = crmKey, ...rest } = {}) {
  return call('POST', '/connections', {
    body: {
      provider_config_key: integrationId,
      connection_id: connectionId,
      credentials: { type: 'API_KEY', apiKey: key },
      ...rest
    }
  });
}

/** Asserts that the official client reports an HTTP error with this status and code; answers the error's body. */
export async function refused(status, code, promise) {
  const error = await promise.then(
    (answer) => assert.fail(`expected ${status} ${code}, but it succeeded: ${JSON.stringify(answer?.data ?? answer)}`),
    (reason) => reason
  );
  if (!error.response) {
    throw error;
  }
  assert.equal(error.response.status, status, JSON.stringify(error.response.data));
  assert.equal(error.response.data?.error?.code, code);
  return error.response.data.error;
}

/** Polls until the probe answers something truthy, and answers that; what was seen last goes into the failure. */
export async function eventually(what, probe, { within = 60_000 } = {}) {
  const deadline = Date.now() + within;
  for (;;) {
    const answer = await probe();
    if (answer) {
      return answer;
    }
    assert.ok(Date.now() < deadline, `gave up waiting for ${what}`);
    await pause(200);
  }
}

/** The status of the one sync of the examples. */
export async function contactsStatus(connectionId) {
  const { syncs } = await nango.syncStatus(integrationId, ['contacts'], connectionId);
  return syncs[0];
}

/** Has the sync run by means of `start`, waits for the end of that run, and answers the status after it. */
export async function run(connectionId, start) {
  const before = (await contactsStatus(connectionId)).finishedAt;
  await start();
  const status = await eventually('the run to end', async () => {
    const now = await contactsStatus(connectionId);
    return now.status !== 'RUNNING' && now.finishedAt && now.finishedAt !== before && now;
  });
  assert.equal(status.latestExecutionStatus, 'SUCCESS', JSON.stringify(status));
  return status;
}

/** Reads records to the end, page by page as an app does; `query` may hold a cursor to go on from. */
export async function allRecords(connectionId, query = {}) {
  const records = [];
  let cursor = query.cursor ?? null;
  do {
    const page = await nango.listRecords({
      providerConfigKey: integrationId,
      connectionId,
      model: 'Contact',
      limit: 50,
      ...query,
      ...(cursor && { cursor })
    });
    records.push(...page.records);
    cursor = page.next_cursor;
  } while (cursor);
  return records;
}

/** Every contact the CRM has, read through the proxy of this connection. */
export async function allContacts(connectionId, params) {
  const contacts = [];
  let cursor;
  do {
    const { data } = await nango.get({
      endpoint: '/contacts',
      providerConfigKey: integrationId,
      connectionId,
      params: { limit: '200', ...params, ...(cursor && { cursor }) }
    });
    contacts.push(...data.data);
    cursor = data.next_cursor;
  } while (cursor);
  return contacts;
}
