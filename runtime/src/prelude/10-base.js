// The prelude runs inside the context of every execution, before the function's own code. Each file is one expression:
// a function that adds its part to `kit`. Nothing here may hand an object of the worker (`host`) to function code: host
// functions are only ever called, through `guarded`, with and for strings and numbers. Bytes are those of `host.shared`, the
// realm of what executions share.
(function base(kit, host) {
  'use strict';

  const { parse, stringify } = JSON;
  const { Buffer, bytesOf, received } = host.shared;

  /** Functions of the worker throw only when the stack is full, with an error of the worker's realm. */
  kit.guarded = (call) => (...args) => {
    try {
      return call(...args);
    } catch {
      throw new RangeError('Maximum call stack size exceeded');
    }
  };

  const hostCall = kit.guarded(host.call);
  const hostNotify = kit.guarded(host.notify);
  const hostAborted = kit.guarded(host.aborted);

  kit.parse = parse;
  kit.stringify = stringify;
  kit.Buffer = Buffer;
  kit.run = {};

  kit.isObject = (value) => typeof value === 'object' && value !== null;
  kit.isPlain = (value) => kit.isObject(value) && !Array.isArray(value) && !kit.Buffer.isBuffer(value);

  /** An error the platform defines; its code becomes the type of the failure. */
  class SdkError extends Error {
    constructor(code, message, payload) {
      super(message ?? code);
      this.name = 'SdkError';
      this.code = code;
      this.payload = payload ?? {};
    }
  }

  class ActionError extends Error {
    constructor(payload) {
      super();
      this.type = 'action_script_runtime_error';
      if (payload) this.payload = payload;
    }
  }

  kit.SdkError = SdkError;
  kit.ActionError = ActionError;

  const aborted = () => new SdkError('script_aborted', 'The function was cancelled');

  /** Nearly every method starts here: a cancelled run ends at its next call. */
  kit.checkAlive = () => {
    if (hostAborted()) throw aborted();
  };

  function settle(method, headText, body, last) {
    return new Promise((resolve) => {
      const failed = (text) => resolve({ failure: text === undefined ? { aborted: true } : parse(text) });
      const done = (text, length, bytes) => resolve({ head: parse(text), body: received(length, bytes) });
      try {
        // Bytes may be the function's own object, which could tell lies about its length.
        hostCall(method, headText, typeof body === 'string' || body === undefined ? body : bytesOf(body), last === true, done, failed);
      } catch {
        resolve({ failure: { name: 'Error', message: `The call ${method} could not be sent` } });
      }
    });
  }

  kit.toError = (failure) => {
    if (failure.aborted) return aborted();
    if (failure.sdk) return new SdkError(failure.code ?? 'unknown_error', failure.message, failure.payload);
    if (failure.response) return kit.platformError(failure.response);
    const error = new Error(failure.message ?? 'Unknown error');
    if (failure.name && failure.name !== 'Error') error.name = failure.name;
    if (failure.code) error.code = failure.code;
    if (failure.payload) error.payload = failure.payload;
    return error;
  };

  /**
   * Asks the platform. `last` lets a call through although the run was cancelled: locks and checkpoints act first.
   * The error is made here, after the await, so that its stack names the function's own line.
   */
  kit.call = async (method, head, body, last) => {
    const outcome = await settle(method, stringify(head ?? {}), body, last);
    if (outcome.failure) throw kit.toError(outcome.failure);
    return outcome;
  };

  kit.callJson = async (method, head, body, last) => {
    const { body: bytes } = await kit.call(method, head, body, last);
    return bytes.length === 0 ? null : parse(bytes.toString('utf8'));
  };

  let behind;
  let release;

  /** Sends a line; the promise is there while the platform is behind, and resolves when it has caught up. */
  kit.notify = (method, head, body) => {
    try {
      if (hostNotify(method, stringify(head), body)) return undefined;
      behind ??= new Promise((resolve) => {
        release = resolve;
      });
      return behind;
    } catch {
      // A log line that cannot be sent is not worth failing the function for.
      return undefined;
    }
  };

  kit.caughtUp = () => {
    release?.();
    behind = undefined;
  };
})
