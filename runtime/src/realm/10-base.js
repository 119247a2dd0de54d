// Each file is a function that adds its part to `kit`, which no function ever sees. `host` holds functions of the worker's own
// realm: they are only called through `guarded`, with and for texts, numbers, booleans and plain byte arrays.
(function base(kit, host, $) {
  'use strict';

  /** A call of the worker throws when the stack is full, or when it refuses its arguments; its error is of the wrong realm. */
  kit.guarded = (call) => (a, b, c, d, e, f, g) => {
    let answer;
    try {
      answer = call(a, b, c, d, e, f, g);
    } catch {
      throw new $.RangeError('Maximum call stack size exceeded');
    }
    return answer;
  };

  const hostCall = kit.guarded(host.call);
  const hostTake = kit.guarded(host.take);
  const hostNotify = kit.guarded(host.notify);
  const hostAborted = kit.guarded(host.aborted);
  const encode = kit.guarded(host.encode);
  const decode = kit.guarded(host.decode);
  kit.sizeOf = kit.guarded(host.sizeOf);

  kit.$ = $;

  /** Runs a file of this folder when one of the names that it adds to `kit` is first read. */
  kit.later = (names, load) => $.each(names, (name) => $.defineProperty(kit, name, {
    __proto__: null,
    get() {
      load();
      return kit[name];
    },
    set: (value) => $.define(kit, name, value),
    configurable: true,
  }));

  kit.coded = (Type, code, message) => $.define(new Type(message), 'code', code, true);
  kit.run = { __proto__: null };

  /** A JSON object of the platform, without a prototype at any depth. */
  kit.bare = (value) => {
    if (!$.isObject(value)) return value;
    if ($.isArray(value)) $.each(value, kit.bare);
    else $.each($.keys(value), (key) => kit.bare(value[key]));
    return $.setPrototypeOf(value, null);
  };
  kit.parseBare = (text) => kit.bare($.parse(text));

  kit.isPlain = (value) => $.isObject(value) && !$.isArray(value) && !$.isBytes(value);

  kit.utf8 = (text) => {
    const bytes = new $.Uint8Array(kit.sizeOf(text, 'utf8'));
    encode(text, 'utf8', bytes);
    return bytes;
  };
  kit.textOf = (bytes) => decode(bytes, 'utf8');

  const sdkErrors = new $.WeakMap();

  /** An error the platform defines; its code becomes the type of the failure. */
  class SdkError extends $.Error {
    constructor(code, message, payload) {
      super(message ?? code);
      $.define(this, 'name', 'SdkError', true);
      $.define(this, 'code', code, true);
      $.define(this, 'payload', payload ?? {}, true);
      $.WeakMap_set(sdkErrors, this, true);
    }
  }

  class ActionError extends $.Error {
    constructor(payload) {
      super();
      $.define(this, 'type', 'action_script_runtime_error', true);
      if (payload) $.define(this, 'payload', payload, true);
    }
  }

  kit.isSdkError = (error) => $.isObject(error) && $.WeakMap_has(sdkErrors, error);
  kit.ActionError = ActionError;

  const aborted = () => new SdkError('script_aborted', 'The function was cancelled');

  /** Nearly every method starts here: a cancelled run ends at its next call. */
  kit.checkAlive = () => {
    if (hostAborted()) throw aborted();
  };

  /** The answer to a call: `{head, text}` or `{head, bytes}`, or `{failure}`; objects without a prototype. */
  function settle(method, headText, body, wants, last) {
    return new $.Promise((resolve) => {
      const failed = (text) => resolve({ __proto__: null, failure: text === undefined ? { __proto__: null, aborted: true } : kit.parseBare(text) });
      const done = (head, text, length) => {
        let bytes;
        try {
          if (text === undefined) hostTake((bytes = new $.Uint8Array(length)));
        } catch (error) {
          resolve({ __proto__: null, failure: { __proto__: null, name: 'RangeError', message: 'Array buffer allocation failed' } });
          return;
        }
        resolve({ __proto__: null, head: kit.parseBare(head), text, bytes });
      };
      try {
        hostCall(method, headText, body, wants === 'bytes', last === true, done, failed);
      } catch {
        resolve({ __proto__: null, failure: { __proto__: null, name: 'Error', message: `The call ${method} could not be sent` } });
      }
    });
  }

  kit.toError = (failure) => {
    if (failure.aborted) return aborted();
    if (failure.sdk) return new SdkError(failure.code ?? 'unknown_error', failure.message, kit.shown(failure.payload));
    if (failure.response) return kit.platformError({ ...failure.response, data: kit.shown(failure.response.data) });
    const error = new $.Error(failure.message ?? 'Unknown error');
    if (failure.name && failure.name !== 'Error') $.define(error, 'name', failure.name, true);
    if (failure.code) $.define(error, 'code', failure.code, true);
    if (failure.payload) $.define(error, 'payload', kit.shown(failure.payload), true);
    return error;
  };

  /** A copy of the platform's JSON value for the function: ordinary objects and arrays. */
  kit.shown = (value) => ($.isObject(value) ? $.parse($.stringify(value)) : value);

  /**
   * Asks the platform. `head` and `body` are the platform's own: an object without prototype, and a text or bytes. `wants` is
   * 'bytes' where the answer's body is no text. `last` lets a call through although the run was cancelled: locks and checkpoints
   * act first. The error is made here, after the await, so that its stack names the function's own line.
   */
  kit.call = async (method, head, body, { wants, last } = { __proto__: null }) => {
    const sent = body === undefined || typeof body === 'string' ? body : $.bytesOf(body);
    const outcome = await $.own(settle(method, $.stringify(head ?? { __proto__: null }), sent, wants, last));
    if (outcome.failure !== undefined) throw kit.toError(outcome.failure);
    return outcome;
  };

  kit.callJson = async (method, head, body) => {
    const { text } = await $.own(kit.call(method, head, body));
    return text === '' ? null : $.parse(text);
  };

  let behind;
  let release;

  /** Sends a line; the promise is there while the platform is behind, and resolves when it has caught up. */
  kit.notify = (method, head, body) => {
    try {
      if (hostNotify(method, $.stringify(head), body)) return undefined;
      behind ??= $.own(new $.Promise((resolve) => {
        release = resolve;
      }));
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
