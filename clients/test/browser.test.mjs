import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { chromium } from 'playwright-core';

import { millraceUrl } from '../support/environment.mjs';
import { call, nango } from '../support/millrace.mjs';

const program = process.env.CHROMIUM ?? '/usr/bin/chromium';
const skip = !existsSync(program) && `there is no Chromium at ${program}`;
const require = createRequire(import.meta.url);
const axe = skip || readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** The folder for pictures of the pages; without it none are taken. */
const screenshots = process.env.MILLRACE_SCREENSHOTS;

const looks = [
  ['on a desk', 'light', { colorScheme: 'light', viewport: { width: 900, height: 760 } }],
  ['on a desk, in the dark', 'dark', { colorScheme: 'dark', viewport: { width: 900, height: 760 } }],
  ['on a phone, in the dark', 'phone', { colorScheme: 'dark', viewport: { width: 320, height: 640 } }]
];

const PRIVATE_KEY = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' }
}).privateKey.trim();

/** An application's page with the official client, bundled for browsers as applications do it. */
function application() {
  const esbuild = createRequire(new URL('../../runtime/package.json', import.meta.url))('esbuild');
  const { outputFiles } = esbuild.buildSync({
    stdin: {
      contents: `
        import Nango from '@nangohq/frontend';
        window.events = [];
        const client = (host, connectSessionToken) => new Nango({ host, connectSessionToken });
        window.open_ = (url, token) => client(url, token)
          .openConnectUI({ baseURL: url + '/connect/', apiURL: url, onEvent: event => window.events.push(event) });
        window.auth = (url, token, key) => client(url, token).auth(key).then(result => ({ result }), error => ({ type: error.type }));`,
      resolveDir: new URL('..', import.meta.url).pathname
    },
    bundle: true,
    format: 'esm',
    write: false
  });
  return createServer((request, response) => {
    const script = request.url === '/app.js';
    response.setHeader('content-type', script ? 'text/javascript' : 'text/html');
    response.end(script ? outputFiles[0].contents : '<!doctype html><title>App</title><script type="module" src="/app.js"></script>');
  });
}

describe('a customer connects in a browser', { skip, concurrency: 1 }, () => {
  let browser;
  let server;
  let appUrl;
  let provider;

  before(async () => {
    for (const [unique_key, provider, credentials] of [
      ['login', 'login', { type: 'OAUTH2', client_id: 'id', client_secret: 'secret' }],
      ['form', 'form', undefined],
      ['signed', 'signed', { type: 'OAUTH1', client_id: 'id', client_secret: 'secret' }],
      ['tools', 'tools', undefined]
    ]) {
      await call('DELETE', `/integrations/${unique_key}`);
      await nango.createIntegration({ provider, unique_key, ...(credentials && { credentials }) });
    }
    const { body: described } = await call('GET', '/providers/login');
    provider = described.data.proxy.base_url;
    for (const body of [
      {
        provider: 'role',
        unique_key: 'role',
        custom: { service: 's3', stsMode: 'custom', stsEndpointUrl: `${provider}/sts`, defaultRegion: 'eu-west-1' }
      },
      {
        provider: 'robot',
        unique_key: 'robot',
        credentials: { type: 'APP', app_id: '1', app_link: provider, private_key: PRIVATE_KEY }
      }
    ]) {
      await call('DELETE', `/integrations/${body.unique_key}`);
      assert.equal((await call('POST', '/integrations', { body })).status, 200);
    }
    server = application();
    await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
    appUrl = `http://localhost:${server.address().port}/`;
    browser = await chromium.launch({ executablePath: program, args: ['--no-sandbox'] });
  });

  after(async () => {
    await browser?.close();
    server?.close();
  });

  const session = async integrations =>
    (
      await nango.createConnectSession({
        end_user: { id: 'ada', display_name: 'Ada Brandt' },
        allowed_integrations: integrations
      })
    ).data;

  const open = async (url, options = {}) => {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    await page.goto(url);
    return page;
  };

  const picture = async (page, name) => {
    if (screenshots) {
      mkdirSync(screenshots, { recursive: true });
      await page.screenshot({ path: join(screenshots, `${name}.png`), animations: 'disabled' });
    }
  };

  const accessible = async page => {
    await page.evaluate(`${axe};0`);
    const { violations } = await page.evaluate(() => window.axe.run(document));
    assert.deepEqual(violations.map(v => [v.id, v.nodes.map(n => n.html)]), []);
  };

  /** Clicks and answers the window that opens. */
  const popup = async (page, click) => {
    const [opened] = await Promise.all([page.waitForEvent('popup'), click()]);
    await opened.waitForSelector('#allow');
    return opened;
  };

  for (const [name, look, options] of looks) {
    test(`by a form, ${name}`, async () => {
      const { connect_link } = await session(['form', 'login']);
      const page = await open(connect_link, options);
      await page.waitForSelector('.choices li');
      await accessible(page);
      await picture(page, `list-${look}`);

      await page.click('.choices a:has-text("Form Works")');
      await page.click('button[type=submit]');
      assert.equal(await page.locator('[aria-invalid=true]').count(), 2);
      await accessible(page);
      const width = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      assert.ok(width <= 0, `${width} pixels stand out`);
      await picture(page, `form-${look}`);

      await page.fill('#f-site', 'acme');
      await page.fill('#f-apiKey', 'key-1');
      await page.keyboard.press('Enter');
      await page.waitForSelector('h1:has-text("Form Works is connected")');
      await picture(page, `success-${look}`);

      const { connections } = await nango.listConnections({ userId: 'ada', integrationId: 'form' });
      const connection = await nango.getConnection('form', connections[0].connection_id);
      assert.equal(connection.credentials.apiKey, 'key-1');
      assert.equal(connection.connection_config.site, 'acme');
      await page.context().close();
    });
  }

  for (const [name, look, options] of looks) {
    test(`by a login, ${name}: refused first, then allowed`, async () => {
      const { connect_link } = await session(['login']);
      const page = await open(connect_link, options);
      const first = await popup(page, () => page.click('button[type=submit]'));
      await first.click('#deny');
      await page.waitForSelector('h1:has-text("Login Works is not connected")');
      await accessible(page);
      await picture(page, `failure-${look}`);

      await page.click('button:has-text("Try again")');
      const second = await popup(page, () => page.click('button[type=submit]'));
      await second.click('#allow');
      await page.waitForSelector('h1:has-text("Login Works is connected")');
      await page.context().close();
    });
  }

  test('by OAuth 1', async () => {
    const { connect_link } = await session(['signed']);
    const page = await open(connect_link);
    await page.waitForSelector('p:has-text("You are sent to Signed Works")');
    const opened = await popup(page, () => page.click('button[type=submit]'));
    await opened.click('#allow');
    await page.waitForSelector('h1:has-text("Signed Works is connected")');
    await page.context().close();
  });

  test('to an MCP server whose address the customer knows', async () => {
    const { connect_link } = await session(['tools']);
    const page = await open(connect_link);
    await page.fill('#f-mcp_server_url', 'no address');
    await page.click('button[type=submit]');
    assert.equal(await page.locator('[aria-invalid=true]').count(), 1);
    await accessible(page);
    await page.fill('#f-mcp_server_url', `${provider}/`);
    const opened = await popup(page, () => page.click('button[type=submit]'));
    await opened.click('#allow');
    await page.waitForSelector('h1:has-text("Tools Works is connected")');
    await page.context().close();
  });

  test('with a role of AWS, whose external id stays the same after a failure', async () => {
    const { connect_link } = await session(['role']);
    const page = await open(connect_link);
    const external = await page.textContent('#external-id');
    assert.match(external, /^[0-9a-f-]{36}$/);
    await accessible(page);
    await page.fill('#f-role_arn', 'arn:aws:iam::1:role/r');
    await page.fill('#f-region', 'NOT A REGION');
    await page.click('button[type=submit]');
    await page.waitForSelector('.notice:not([hidden])');
    assert.equal(await page.textContent('#external-id'), external);
    await page.fill('#f-region', '');
    await page.click('button[type=submit]');
    await page.waitForSelector('h1:has-text("Role Works is connected")');
    const { connections } = await nango.listConnections({ userId: 'ada', integrationId: 'role' });
    const connection = await nango.getConnection('role', connections[0].connection_id);
    assert.equal(connection.connection_config.external_id, external);
    await page.context().close();
  });

  test('by an app that is installed', async () => {
    const { connect_link } = await session(['robot']);
    const page = await open(connect_link);
    await page.waitForSelector('p:has-text("to install the app")');
    const opened = await popup(page, () => page.click('button[type=submit]'));
    assert.match(new URL(opened.url()).searchParams.get('state'), /^[0-9a-f]{32}$/);
    await page.context().close();
  });

  test('in a frame that the official client opens', async () => {
    const { token } = await session(['login']);
    const page = await open(appUrl);
    await page.evaluate(([url, t]) => window.open_(url, t), [millraceUrl, token]);
    const frame = page.frameLocator('#connect-ui');
    const login = await popup(page, () => frame.locator('button[type=submit]').click());
    await login.click('#allow');
    await frame.locator('h1:has-text("Login Works is connected")').waitFor();
    await frame.locator('button:has-text("Done")').click();
    await page.waitForFunction(() => !document.getElementById('connect-ui'));

    const events = await page.evaluate(() => window.events);
    assert.deepEqual(events.map(event => event.type), ['ready', 'connect', 'close']);
    const connection = await nango.getConnection('login', events[1].payload.connectionId);
    assert.equal(connection.credentials.access_token, 'token-1');
    await page.context().close();
  });

  test('and may leave the frame, but not by mistake', async () => {
    const { token } = await session(['form']);
    const page = await open(appUrl);
    await page.evaluate(([url, t]) => window.open_(url, t), [millraceUrl, token]);
    const frame = page.frameLocator('#connect-ui');
    await frame.locator('#f-site').fill('acme');
    await page.keyboard.press('Escape');
    await frame.locator('#leave button:has-text("Cancel")').click();
    assert.equal(await frame.locator('#leave').count(), 0);
    assert.equal(await frame.locator('#f-site').inputValue(), 'acme');

    await frame.locator('header button').click();
    await frame.locator('#leave button:has-text("Close")').click();
    await page.waitForFunction(() => !document.getElementById('connect-ui'));
    assert.deepEqual(await page.evaluate(() => window.events.map(event => event.type)), ['ready', 'close']);
    await page.context().close();
  });

  test('by the official client without a page of ours', async () => {
    const page = await open(appUrl);
    const attempt = async choice => {
      const { token } = await session(['login']);
      const login = await popup(page, () =>
        page.evaluate(
          ([url, t]) => {
            window.outcome = window.auth(url, t, 'login');
          },
          [millraceUrl, token]
        )
      );
      await login.click(choice);
      return page.evaluate(() => window.outcome);
    };

    assert.deepEqual(await attempt('#deny'), { type: 'callback_err' });
    const { result } = await attempt('#allow');
    assert.equal(result.providerConfigKey, 'login');
    assert.equal(result.isPending, false);
    await page.context().close();
  });
});
