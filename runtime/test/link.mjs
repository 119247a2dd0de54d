/** The platform's side of the wire, for tests: starts a real worker and answers its calls. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { CONFINED, ROOT } from '../src/node.mjs';
import { Decoder, Type, encode } from '../src/frames.mjs';

export class Worker {
  #next = 1;
  #open = new Map();
  #hosts = new Map();
  entered = [];
  beats = 0;

  /** `preload` is a module that the worker loads before its own, `errors` what becomes of its error output. */
  static async start({ preload, errors = 'inherit', heap = 128 } = {}) {
    const worker = new Worker();
    await new Promise((ready, failed) => {
      worker.process = spawn(process.execPath, [
        ...CONFINED, `--max-old-space-size=${heap}`,
        ...(preload ? ['--import', preload] : []), 'src/worker.mjs',
      ], { cwd: ROOT, env: {}, stdio: ['pipe', 'pipe', errors] });
      worker.process.on('exit', (code) => {
        failed(new Error(`worker ended with ${code}`));
        for (const lost of worker.#open.values()) lost({ failed: { type: 'lost' } });
      });
      const decoder = new Decoder();
      worker.process.stdout.on('data', (chunk) => decoder.push(chunk, (frame) => worker.#receive(frame, ready)));
      worker.process.stdin.on('error', () => undefined);
    });
    return worker;
  }

  async #receive(frame, ready) {
    const { type, execution, call, head, body } = frame;
    if (type === Type.READY) return ready();
    if (type === Type.HEARTBEAT) return this.beats++;
    if (type === Type.ENTER) return this.entered.push(execution);
    if (type === Type.CALL || type === Type.NOTIFY) return this.#serve(execution, call, JSON.parse(head), body);
    if (type === Type.DONE) return this.#open.get(execution)?.({ output: body.toString() });
    if (type === Type.FAILED) return this.#open.get(execution)?.({ failed: JSON.parse(head) });
    return undefined;
  }

  async #serve(execution, call, head, body) {
    const host = this.#hosts.get(execution);
    try {
      const { head: answer = {}, body: bytes } = (await host(head, body)) ?? {};
      if (call !== 0) this.send(Type.REPLY, execution, call, answer, bytes);
    } catch (error) {
      this.send(Type.ERROR_REPLY, execution, call, { name: error.name, message: error.message, ...error });
    }
  }

  send(type, execution, call, head, body) {
    this.process.stdin.write(encode(type, execution, call, JSON.stringify(head), body));
  }

  /** Starts an execution; `result` resolves to `{output}` or `{failed}`. */
  begin(code, { type = 'action', input, host = () => undefined, nango = {}, ...head } = {}) {
    const id = this.#next++;
    if (this.process.exitCode !== null || this.process.signalCode !== null) throw new Error('The worker has ended');
    const result = new Promise((resolve) => this.#open.set(id, resolve));
    this.#hosts.set(id, host);
    this.send(Type.RUN, id, 0, {
      hash: code, file: 'fn-int.cjs', sdkVersion: '0.71.0-zero', scriptType: type, loggerLevel: 'debug', paginate: null,
      nango: { connectionId: 'c', providerConfigKey: 'int', ...nango },
      ...(input === undefined ? {} : { input: JSON.stringify(input) }), ...head,
    }, code);
    return { id, result, abort: () => this.send(Type.ABORT, id, 0, {}) };
  }

  run(code, options) {
    return this.begin(code, options).result;
  }

  /** Milliseconds of CPU time that the process has used. */
  cpu() {
    const fields = readFileSync(`/proc/${this.process.pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  }

  stop() {
    this.process.removeAllListeners('exit');
    this.process.kill('SIGKILL');
  }
}

/** The text of a bundle whose action runs `body` with `nango`, `input` and `z` at hand. */
export const action = (body, extra = '') =>
  `"use strict";\nvar z = require("zod");\nvar action = { type: "action", ${extra} exec: async (nango, input) => {\n${body}\n} };\nmodule.exports = { get default() { return action; } };\n//# sourceMappingURL=data:application/json;base64,e30=\n`;

export const sync = (body, extra = '') => action(body, extra).replace('type: "action"', 'type: "sync"');
