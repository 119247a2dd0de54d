/** soap, unzipper and botbuilder as they are in a function's realm, compared with the packages as Node loads them. */
import './escape/mark.mjs';
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import stream from 'node:stream';
import { test } from 'node:test';
import vm from 'node:vm';
import { packageText } from '../build/packages.mjs';
import { ROOT } from '../src/node.mjs';
import { load, newRealm, scriptOf } from './packages/realm.mjs';
import { zip } from './packages/zip.mjs';

const require = createRequire(import.meta.url);
const read = (name) => readFileSync(new URL(name, import.meta.url), 'utf8');
const FOLDER = '/folder-of-the-test';
const FILES = /is not available: functions have no file system$/;
const key = crypto.generateKeyPairSync('rsa', { modulusLength: 2048, privateKeyEncoding: { type: 'pkcs8', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' } });

const LONG = 'a line of text\n'.repeat(100);
const ENTRIES = [{ name: 'first.txt', text: 'stored', stored: true }, { name: 'folder/second.txt', text: LONG }, { name: 'folder/', text: '', stored: true }, { name: 'täxt.skip', text: 'drained' }];
const plain = zip(ENTRIES);

/** Changes one byte of a zip at the first place of `after`. */
function changed(bytes, at, value) {
  const copy = Buffer.from(bytes);
  copy[at] = value;
  return copy;
}

function encrypted() {
  const copy = zip([{ name: 'a.txt', text: 'never decrypted', stored: true }]);
  copy[6] |= 1;
  copy[copy.indexOf(Buffer.from([0x50, 0x4b, 1, 2])) + 8] |= 1;
  return copy;
}

const zips = Object.fromEntries(Object.entries({
  plain,
  descriptors: zip([{ name: 'a.txt', text: LONG, descriptor: true }, { name: 'b.txt', text: 'second', descriptor: true }]),
  zip64: zip([{ name: 'a.txt', text: LONG, zip64: true }, { name: 'b.txt', text: 'stored', stored: true, zip64: true }], { zip64: true }),
  comment: zip([{ name: 'a.txt', text: 'one' }], { comment: 'about it' }),
  large: zip([{ name: 'large', text: '0123456789abcdef'.repeat(40000) }]),
  flat: zip([{ name: 'a.txt', text: 'one' }, { name: 'b.txt', text: LONG }, { name: '../outside.txt', text: 'slips' }]),
  damaged: changed(zip([{ name: 'a.txt', text: LONG }]), 35, 0xff),
  encrypted: encrypted(),
}).map(([name, bytes]) => [name, bytes.toString('hex')]));

/** What the scenarios are given, as text of the realm in which they run. */
const tools = (streams) => `({ Buffer, zips: ${JSON.stringify(zips)}, folder: ${JSON.stringify(FOLDER)}, streams: ${streams} })`;
// The streams of the realm are those the package inherits from.
const STREAMS = `(unzipper) => {
  const { Duplex } = { Duplex: Object.getPrototypeOf(Object.getPrototypeOf(unzipper.Parse.prototype)).constructor };
  return { Readable: Object.getPrototypeOf(Duplex.prototype).constructor, Writable: Duplex.Writable };
}`;

async function compared(name) {
  const scenarios = read(`./packages/${name}.js`);
  const guest = await load(name);
  const inside = guest.run(scenarios)(guest.run(tools(STREAMS)));
  const outside = vm.runInThisContext(scenarios)({ Buffer, zips, folder: FOLDER, streams: () => stream });
  return { lib: guest.lib, original: require(name), inside, outside };
}

const asJson = (value) => JSON.parse(JSON.stringify(value ?? null));

for (const name of ['soap', 'unzipper', 'botbuilder']) {
  test(`${name} does in a realm what it does in Node`, async (t) => {
    const { lib, original, inside, outside } = await compared(name);
    await t.test('exports', () => {
      assert.deepEqual(Object.keys(lib), Object.keys(original));
      assert.deepEqual(Object.keys(lib).map((key) => typeof lib[key]), Object.keys(original).map((key) => typeof original[key]));
    });
    for (const scenario of Object.keys(outside)) {
      await t.test(scenario, { timeout: 20_000 }, async () => {
        const expected = asJson(await outside[scenario](original));
        assert.deepEqual(asJson(await inside[scenario](lib)), expected);
      });
    }
  });
}

test('a bundle requires no other module, evaluates no text and contains no build path', async () => {
  for (const name of ['soap', 'unzipper', 'botbuilder']) {
    const text = await packageText(name);
    assert.deepEqual([...text.matchAll(/\brequire\("([^"]+)"\)/g)].map(([, asked]) => asked).filter((asked) => !['buffer', 'crypto', 'url'].includes(asked)), []);
    assert.doesNotMatch(text, /\bimport\(|\beval\(|\bnew Function\(|[^.\w$]Function\(/);
    assert.ok(!text.includes(ROOT));
  }
});

/** The message of the error of `body`, a function of the package in the guest realm. */
async function refused(name, body) {
  const { lib, run } = await load(name);
  return run(`async (lib) => { try { return 'answered ' + await (${body})(lib) } catch (error) { return error instanceof Error ? error.message : 'not an error of the realm' } }`)(lib);
}

const CONNECTED = `const activity = { type: 'message', text: 'x', id: '1', channelId: 'c', serviceUrl: 'http://service.test', conversation: { id: '1' }, from: { id: 'u' }, recipient: { id: 'b' } };
  const { CloudAdapter, ConfigurationBotFrameworkAuthentication: Authentication, ConfigurationServiceClientCredentialFactory: Credentials } = lib;
  const adapterWith = (settings) => new CloudAdapter(new Authentication({}, new Credentials(settings)));
  const secret = { MicrosoftAppType: 'MultiTenant', MicrosoftAppId: 'id', MicrosoftAppPassword: 'password' };`;

const REFUSED = [
  ['soap', 'a WSDL of a file', "(soap) => soap.createClientAsync('/etc/passwd', { request: async () => ({}) })", FILES],
  ['soap', 'no way to send requests', "(soap) => soap.createClientAsync('http://sums.test/?wsdl')", /^axios is not available: functions reach/],
  ['soap', 'certificates of files', "(soap) => new soap.ClientSSLSecurity('/etc/key', '/etc/certificate')", FILES],
  ['soap', 'certificates of connections', "(soap) => new soap.ClientSSLSecurity(Buffer.from('key'), Buffer.from('certificate')).addOptions({})", /^https\.Agent is not available: functions reach/],
  ['soap', 'NTLM', "(soap) => new Promise((resolve, reject) => new soap.HttpClient({}).request('http://a.test', 'x', (error, answer) => (error ? reject(error) : resolve(answer)), {}, { ntlm: true }))", /^NTLM authentication.* is not available: functions reach/],
  ['unzipper', 'a zip of a file', "(unzipper) => unzipper.Open.file('/etc/passwd')", /^fs\.stat is not available: functions have no file system$/],
  ['unzipper', 'a zip of S3', "(unzipper) => unzipper.Open.s3_v3({}, { Bucket: 'b', Key: 'k' })", /^@aws-sdk\/client-s3\.HeadObjectCommand is not available: functions reach/],
  ['unzipper', 'files from a zip', `async (unzipper) => (await unzipper.Open.buffer(Buffer.from('${zips.flat}', 'hex'))).extract({ path: '/tmp/x' })`, /^fs\.createWriteStream is not available: functions have no file system$/],
  ['unzipper', 'files from a stream', `(unzipper) => new Promise((resolve, reject) => {
    const extract = unzipper.Extract({ path: '/tmp/x' }).on('error', reject).on('close', resolve);
    extract.end(Buffer.from('${zips.flat}', 'hex'));
  })`, /^fs\.createWriteStream is not available: functions have no file system$/],
  ['botbuilder', 'a signed activity', `async (lib) => { ${CONNECTED} return adapterWith(secret).processActivity('Bearer a.b.c', activity, async () => undefined) }`, /^Bot Framework authentication: jsonwebtoken\.decode is not available: functions reach/],
  ['botbuilder', 'an anonymous activity', `async (lib) => { ${CONNECTED} return adapterWith({}).processActivity('', activity, async (context) => context.sendActivity('x')) }`, /^Bot Framework connector: @azure\/core-client\.ServiceClient is not available: functions reach/],
  ['botbuilder', 'a proactive message', `async (lib) => { ${CONNECTED} return adapterWith(secret).continueConversationAsync('id', lib.TurnContext.getConversationReference(activity), async (context) => context.sendActivity('x')) }`, /^Bot Framework/],
  ['botbuilder', 'a named pipe', `async (lib) => { ${CONNECTED} return adapterWith({}).connectNamedPipe('pipe', async () => undefined, 'id', 'audience') }`, /^Bot Framework connector: botframework-streaming\.\w+ is not available: functions reach/],
  ['botbuilder', 'the adapter of before', `async (lib) => { ${CONNECTED} const adapter = new lib.BotFrameworkAdapter({ appId: 'id', appPassword: 'password' }); return adapter.continueConversation(lib.TurnContext.getConversationReference(activity), async (context) => context.sendActivity('x')) }`, /^Bot Framework/],
  ['botbuilder', 'transcripts in files', "async (lib) => new lib.FileTranscriptStore('/tmp/x').listTranscripts('channel')", /^FileTranscriptStore: fs-extra\.\w+ is not available: functions have no file system$/],
];

test('functions that need files or the network say so in their error', async (t) => {
  for (const [name, what, body, message] of REFUSED) {
    await t.test(`${name}: ${what}`, { timeout: 20_000 }, async () => assert.match(await refused(name, body), message));
  }
});

/** A request that the certificate's key has signed, made by the package of either realm. */
const SIGN = `(soap) => async (privateKey, certificate, Security) => {
  const security = new soap[Security](privateKey, certificate, '', { hasTimeStamp: true, additionalReferences: ['soap:Body'], signatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256' });
  return security.postProcess('<?xml version="1.0"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Header></soap:Header><soap:Body><Add xmlns="urn:sums"><a>40</a></Add></soap:Body></soap:Envelope>', 'soap');
}`;

/** What differs from one request to the next. */
const unsigned = (xml) => xml.replace(/x509-\w+|>[^<>]*(?=<\/(?:(?:wsu:)?Created|(?:wsu:)?Expires|DigestValue|ds:DigestValue|SignatureValue|ds:SignatureValue)>)/g, '');

test('WSSecurityCert signs as in Node, and the signature is right', async () => {
  const { SignedXml } = require('xml-crypto');
  const { DOMParser } = require('@xmldom/xmldom');
  const { lib, run } = await load('soap');
  const inside = await run(SIGN)(lib)(key.privateKey, key.publicKey, 'WSSecurityCert');
  const outside = await vm.runInThisContext(SIGN)(require('soap'))(key.privateKey, key.publicKey, 'WSSecurityCert');
  assert.equal(unsigned(inside), unsigned(outside));
  const verified = (xml) => {
    const signed = new SignedXml({ publicCert: key.publicKey });
    signed.loadSignature(new DOMParser().parseFromString(xml, 'text/xml').getElementsByTagNameNS('http://www.w3.org/2000/09/xmldsig#', 'Signature')[0]);
    return signed.checkSignature(xml);
  };
  assert.equal(verified(inside), true);
  assert.equal(verified(inside.replace('<a>40</a>', '<a>41</a>')), false);
});

const WALK = `${read('./escape/walk.js')}
const ofWorker = (object) => { try { return object[Symbol.for('of the worker')] === true } catch { return false } };`;

test('the mark shows objects of Node\'s realm', () => {
  const { run } = newRealm();
  const isOfWorker = run(`${WALK} ofWorker`);
  assert.deepEqual([isOfWorker({}), isOfWorker(require('unzipper')), isOfWorker(run('({})')), isOfWorker(run('Buffer'))], [true, true, false, false]);
  assert.deepEqual([...run(`(outer) => walk({ roots: [{ outer }] }, ofWorker).found`)(Buffer)], ['roots.0.outer']);
});

/** Objects that the packages make while they work. */
const MADE = {
  soap: `async (soap, scenarios) => [
    new soap.HttpClient({}), new soap.WSSecurity('u', 'p'), new soap.ClientSSLSecurity(Buffer.from('k'), Buffer.from('c')), await scenarios['a call'](soap),
    await soap.createClientAsync('/etc/passwd').catch((error) => error), await soap.createClientAsync('http://a.test').catch((error) => error),
    await scenarios['an answer with an attachment'](soap), await scenarios['a server without network'](soap),
  ]`,
  unzipper: `async (unzipper, scenarios) => {
    const directory = await unzipper.Open.buffer(Buffer.from('${zips.plain}', 'hex'));
    const damaged = await unzipper.Open.buffer(Buffer.from('${zips.damaged}', 'hex'));
    return [
      directory, directory.files[1].stream(), await directory.files[1].buffer(), unzipper.Parse(), unzipper.ParseOne(/a/), unzipper.Extract({ path: '/x' }),
      await unzipper.Open.file('/etc/passwd').catch((error) => error), await damaged.files[0].buffer().catch((error) => error),
    ];
  }`,
  botbuilder: `async (bot, scenarios) => {
    class Adapter extends bot.BotAdapter {}
    const made = [new bot.TeamsActivityHandler(), new bot.MemoryStorage(), new bot.TurnContext(new Adapter(), { type: 'message' }), new bot.CloudAdapter()];
    for (const name of Object.keys(scenarios)) made.push(await scenarios[name](bot));
    return [...made, await new bot.CloudAdapter().processActivity('Bearer a.b.c', { type: 'message' }, async () => undefined).catch((error) => error)];
  }`,
};

for (const name of ['soap', 'unzipper', 'botbuilder']) {
  test(`no way leads from ${name} to objects of Node's realm`, async () => {
    const { lib, run } = await load(name);
    const scenarios = run(read(`./packages/${name}.js`))(run(tools(STREAMS)));
    const made = await run(MADE[name])(lib, scenarios);
    const { found, count } = run(`(lib, made) => { ${WALK} return walk({ lib, made, globals: Object.getOwnPropertyNames(globalThis).map((name) => globalThis[name]) }, ofWorker) }`)(lib, made);
    assert.deepEqual([...found], []);
    assert.ok(count > 1500, `only ${count} objects were seen`);
  });

  test(`${name} leaves the objects of the language as they are`, async () => {
    const script = await scriptOf(name);
    const { evaluate, run } = newRealm();
    const shape = run(`() => JSON.stringify(Object.getOwnPropertyNames(globalThis).sort().map((name) => [name, globalThis[name]])
      .map(([name, value]) => [name, value && Object(value) === value ? [Reflect.ownKeys(value), value.prototype && Reflect.ownKeys(value.prototype)].map((keys) => keys?.map(String)) : 0]))`);
    const before = shape();
    const lib = evaluate(script);
    for (const exported of Object.keys(lib)) void lib[exported];
    assert.equal(shape(), before);
  });
}
