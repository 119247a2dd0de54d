/** soap, unzipper and botbuilder as they are in a function's realm, compared with the packages as Node loads them. */
import './escape/mark.mjs';
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import stream from 'node:stream';
import { test } from 'node:test';
import vm from 'node:vm';
import { load, newRealm } from './packages/realm.mjs';
import { zip } from './packages/zip.mjs';

const require = createRequire(import.meta.url);
const read = (name) => readFileSync(new URL(name, import.meta.url), 'utf8');
const FOLDER = '/folder-of-the-test';
const NETWORK = /is not available: functions reach the network through the nango object only$/;
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
