/**
 * Run with the flags of a worker, in Node's own realm: what code could do that has got out of its realm. Prints a JSON object with
 * what each attempt came to; `refused` and an error code, or what it got hold of. Most are the inputs of published vulnerabilities
 * of Node's permission model.
 */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const target = process.argv[2]; // a folder outside of what may be read, with a file `secret` and a listening socket `socket`
/** Some refusals are thrown later, where nobody can catch them. */
let refused = () => undefined;
process.on('uncaughtException', (error) => refused(`refused ${error.code}`));
const settled = (start) => new Promise((resolve) => {
  refused = resolve;
  setTimeout(resolve, 2_000, 'nothing happened');
  start((value) => resolve(value === undefined ? 'it worked' : value));
});
const emitter = (make) => settled((done) => {
  const it = make();
  it.on('error', (error) => done(`refused ${error.code}`));
  for (const event of ['connect', 'listening', 'message', 'open', 'response', 'data']) it.on(event, () => done(`got ${event}`));
});
const net = require('net');
const fs = require('fs');
const outside = `${target}/secret`;
const bytes = new TextEncoder();

const ATTEMPTS = {
  'tcp connect': () => emitter(() => net.connect(9, '127.0.0.1')),
  'tcp connect by http': () => emitter(() => require('http').get('http://127.0.0.1:9/')),
  'tcp connect by https': () => emitter(() => require('https').get('https://127.0.0.1:9/')),
  'tcp connect by http2': () => emitter(() => require('http2').connect('http://127.0.0.1:9/')),
  'tcp connect by tls': () => emitter(() => require('tls').connect(9, '127.0.0.1')),
  'tcp connect by fetch': () => fetch('http://127.0.0.1:9/').then(() => 'it worked', (error) => `refused ${error.cause?.code ?? error.code}`),
  'tcp connect by WebSocket': () => settled((done) => { const s = new WebSocket('ws://127.0.0.1:9/'); s.onopen = () => done('got open'); s.onerror = () => done('refused'); }),
  'unix socket connect': () => emitter(() => net.connect(`${target}/socket`)),
  'unix socket connect by http': () => emitter(() => require('http').get({ socketPath: `${target}/socket`, path: '/' })),
  'unix socket connect by tls': () => emitter(() => require('tls').connect({ path: `${target}/socket` })),
  'abstract socket connect': () => emitter(() => net.connect('\0millrace')),
  'tcp listen': () => emitter(() => net.createServer().listen(0, '127.0.0.1')),
  'unix socket listen': () => emitter(() => net.createServer().listen(`${target}/mine`)),
  'listen on a file descriptor': () => emitter(() => net.createServer().listen({ fd: 0 })),
  'socket by file descriptor, connect': () => emitter(() => new net.Socket({ handle: new (process.binding ? process.binding('tcp_wrap').TCP : Object)(0) }).connect(9, '127.0.0.1')),
  'udp bind': () => emitter(() => { const s = require('dgram').createSocket('udp4'); s.bind(0, '127.0.0.1'); return s; }),
  'udp send': () => settled((done) => require('dgram').createSocket('udp4').on('error', (e) => done(`refused ${e.code}`)).send('x', 9, '127.0.0.1', (e) => done(e ? `refused ${e.code}` : 'it worked'))),
  'dns lookup': () => settled((done) => require('dns').lookup('localhost', (error) => done(error ? `refused ${error.code}` : 'it worked'))),
  'dns resolve': () => settled((done) => require('dns').resolve('localhost', (error) => done(error ? `refused ${error.code}` : 'it worked'))),
  'read a file': () => fs.readFileSync(outside, 'utf8'),
  'read by bytes as path': () => fs.readFileSync(bytes.encode(outside), 'utf8'),
  'read by a Buffer whose methods lie': () => {
    const path = Buffer.from(outside);
    path.utf8Write = path.toString = () => '/nothing';
    return fs.readFileSync(path, 'utf8');
  },
  'read by a path that goes up': () => fs.readFileSync(`${process.cwd()}/src/../../../../../../../../../..${outside}`, 'utf8'),
  'read by a file URL': () => fs.readFileSync(new URL(`file://${outside}`), 'utf8'),
  'read by openAsBlob': () => fs.openAsBlob(outside).then((blob) => blob.text()),
  'read by promises': () => fs.promises.readFile(outside, 'utf8'),
  'read a folder': () => fs.readdirSync(target),
  'stat of a file': () => fs.statSync(outside).size,
  'lstat of a file': () => fs.lstatSync(outside).size,
  'statfs of a folder': () => fs.statfsSync(target).type,
  'realpath of a file': () => fs.realpathSync.native(outside),
  'whether a file exists': () => (fs.existsSync(outside) ? 'it exists' : 'refused'),
  'access of a file': () => fs.accessSync(outside),
  'watch a file': () => emitter(() => fs.watch(outside)),
  'load a module': () => import(outside),
  'require a module': () => require(outside),
  'load a native module': () => process.dlopen({ exports: {} }, outside),
  'write a file': () => fs.writeFileSync(`${target}/written`, 'x'),
  'write beside the worker\'s code': () => fs.writeFileSync(new URL('./written', import.meta.url), 'x'),
  'append by a file handle': () => fs.promises.open(`${target}/written`, 'a'),
  'make a link': () => fs.symlinkSync('../../../../../../..', `${target}/link`),
  'make a link inside': () => fs.symlinkSync(outside, new URL('./link', import.meta.url)),
  'make a folder': () => fs.mkdirSync(`${target}/folder`),
  'make a temporary folder': () => fs.mkdtempSync(`${target}/x`),
  'change modes through a descriptor': () => fs.fchmodSync(0, 0o777),
  'change an owner through a descriptor': () => fs.fchownSync(0, 0, 0),
  'change times through a descriptor': () => { const fd = fs.openSync(new URL(import.meta.url)); fs.futimesSync(fd, 1, 1); },
  'start a process': () => require('child_process').execSync('true'),
  'start a thread': () => new (require('worker_threads').Worker)('1', { eval: true }),
  'fork a cluster': () => require('cluster').fork(),
  'open the inspector': () => require('inspector').open(0),
  'connect to the inspector': () => new (require('inspector').Session)().connect(),
  'an inner binding that starts processes': () => process.binding('spawn_sync').spawn({ file: '/bin/true', args: ['true'] }).status,
  'an inner binding for files': () => typeof process.binding('fs').open,
  'WASI': () => new (require('wasi').WASI)({ version: 'preview1', preopens: { '/': '/' } }),
  'a report of the process': () => process.report.writeReport(`${target}/report`),
  'a snapshot of the heap': () => require('v8').writeHeapSnapshot(`${target}/heap`),
  'code from text': () => new Function('return 1')(),
  'code from text, by eval': () => (0, eval)('1'),
  'a database file': () => new (require('node:sqlite').DatabaseSync)(`${target}/db`).exec('CREATE TABLE t (a)'),
  'signal another process': () => process.kill(process.ppid, 0),
  'the debug signal': () => process._debugProcess(process.ppid),
};

// As a worker does it, once it is set up.
const { lockdown } = await import('../../src/lockdown.mjs');
const { stdout } = process;
lockdown();
const results = {};
for (const [name, attempt] of Object.entries(ATTEMPTS)) {
  try {
    results[name] = String((await attempt()) ?? 'it worked');
  } catch (error) {
    results[name] = `refused ${error.code ?? error.name}`;
  }
}
await new Promise((written) => stdout.write(JSON.stringify(results), written));
process.reallyExit(0);
