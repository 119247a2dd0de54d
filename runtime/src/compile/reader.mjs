/** The process behind describe.mjs: reads bundles from stdin and writes their definitions to stdout, both as JSON. */
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import vm from 'node:vm';
import { cryptography } from '../cryptography.mjs';
import { lockdown } from '../lockdown.mjs';
import { compression, natives } from '../natives.mjs';
import { Realm, compile } from '../realm.mjs';

const describeScript = new vm.Script(readFileSync(new URL('./describe-in-realm.js', import.meta.url), 'utf8'), { filename: 'millrace:describe' });

/** Loading a module needs nothing of the platform; a call while it loads gets no response. */
const nothing = () => undefined;
const HOST = {
  call: nothing, take: nothing, notify: () => true, aborted: () => true, startTimer: nothing, done: nothing, failed: nothing, place: () => '',
  randomHex: () => '', mostBody: 0, bodyTooLarge: '{}',
};

function read({ file, js }) {
  let answer;
  try {
    const realm = new Realm({ ...natives, ...compression(), crypto: cryptography({ enter: nothing, waits: nothing, isOver: () => true }), ...HOST });
    realm.kit.evaluate(realm.load(compile(js, file)));
    realm.drain();
    realm.load(describeScript)(realm.kit);
    answer = realm.kit.describe();
  } catch (error) {
    return { error: { type: 'load_failed', message: `The function cannot be loaded: ${String(error?.message ?? error)}` } };
  }
  return typeof answer === 'string' ? JSON.parse(answer) : { error: { type: 'load_failed', message: 'The function cannot be loaded: it defines nothing that can be read' } };
}

const entries = JSON.parse(await text(process.stdin));
lockdown();
process.stdout.write(JSON.stringify(entries.map(read)));
