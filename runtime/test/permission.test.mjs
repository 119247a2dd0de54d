import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { CONFINED, ROOT } from '../src/node.mjs';

describe('code that has got out of its realm', () => {
  let folder;
  let server;
  let results;
  const reached = [];
  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'outside-'));
    writeFileSync(path.join(folder, 'secret'), 'the secret');
    server = net.createServer((socket) => { reached.push(socket); socket.destroy(); });
    await new Promise((listening) => server.listen(path.join(folder, 'socket'), listening));
    const child = spawn(process.execPath, [
      ...CONFINED, 'test/escape/permission.mjs', folder,
    ], { cwd: ROOT, env: {}, stdio: ['pipe', 'pipe', 'ignore'] });
    const output = await text(child.stdout);
    results = JSON.parse(output);
  });
  after(() => {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('meets nothing but refusals', () => {
    assert.ok(Object.keys(results).length > 50);
    const through = Object.entries(results).filter(([, result]) => !result.startsWith('refused'));
    assert.deepEqual(through, []);
    assert.deepEqual(reached, []);
  });
});
