(function errors(kit) {
  'use strict';

  const MAX_PAYLOAD = 99_000;
  const MAX_STACK_LINES = 10;
  const platformErrors = new WeakSet();

  const bytes = (text) => kit.Buffer.byteLength(text);

  /** The Error a caller gets for an answer outside 200–299. */
  kit.responseError = (response) => {
    const error = new Error(`Request failed with status code ${response.status}`);
    error.name = 'AxiosError';
    error.isAxiosError = true;
    error.code = response.status >= 500 ? 'ERR_BAD_RESPONSE' : 'ERR_BAD_REQUEST';
    error.status = response.status;
    error.response = { statusText: '', headers: {}, config: {}, request: {}, ...response };
    return dressed(error, error.response.config, error.response.request);
  };

  /** The same for an answer of Millrace itself. */
  kit.platformError = (response) => {
    const error = kit.responseError({ ...response, headers: new kit.ResponseHeaders({ 'content-type': 'application/json; charset=utf-8', ...response.headers }) });
    platformErrors.add(error);
    return error;
  };

  /** The Error for a request that got no answer. */
  kit.networkError = (cause, config) => {
    const error = new Error(cause.message);
    error.name = cause.name || 'Error';
    error.isAxiosError = true;
    error.code = cause.code;
    error.response = undefined;
    return dressed(error, config, {});
  };

  function dressed(error, config, request) {
    error.config = config;
    error.request = request;
    Object.defineProperty(error, 'toJSON', {
      value: () => ({
        message: error.message, name: error.name, stack: error.stack, config, code: error.code, status: error.status ?? null,
      }),
      enumerable: false,
    });
    return error;
  }

  const redacting = () => {
    const seen = [];
    return function redact(key, value) {
      if (/^authorization$/i.test(key)) return '[Redacted]';
      if (typeof value === 'bigint') return value.toString();
      if (!kit.isObject(value)) return value;
      while (seen.length > 0 && seen[seen.length - 1] !== this) seen.pop();
      if (seen.includes(value)) return '[Circular]';
      seen.push(value);
      return value;
    };
  };

  const plain = (value) => {
    try {
      return kit.parse(kit.stringify(value, redacting()) ?? 'null');
    } catch {
      return null;
    }
  };

  /** Drops whole properties, the largest first, until the payload is small enough to store. */
  kit.truncate = (object, limit = MAX_PAYLOAD) => {
    let excess = bytes(kit.stringify(object)) - limit;
    if (excess <= 0) return object;
    const entries = Object.entries(object).map(([key, value]) => ({ key, size: bytes(kit.stringify(value) ?? '') + bytes(key) + 4 }));
    entries.sort((a, b) => b.size - a.size);
    const kept = { ...object };
    for (const { key, size } of entries) {
      if (excess <= 0) break;
      delete kept[key];
      excess -= size;
    }
    return kept;
  };

  function payloadOf(value) {
    if (value === undefined || value === null) return {};
    const copy = plain(value);
    return kit.truncate(kit.isPlain(copy) ? copy : { message: copy });
  }

  /** The first line and the lines of the function's own file: the rest is ours and would only confuse. */
  function stackLines(stack) {
    if (typeof stack !== 'string') return undefined;
    const [first, ...rest] = stack.split('\n');
    const own = kit.ownLines(rest);
    return own.length === 0 ? undefined : [first, ...own].map((line) => line.trim()).slice(0, MAX_STACK_LINES);
  }

  function described(error) {
    const stacktrace = stackLines(error.stack);
    return kit.truncate(plain({
      name: String(error.name ?? 'Error'),
      ...(error.code === undefined ? {} : { code: error.code }),
      message: String(error.message ?? ''),
      ...(stacktrace === undefined ? {} : { stacktrace }),
    }));
  }

  function upstreamHeaders(headers) {
    const kept = {};
    for (const [name, value] of Object.entries(headers ?? {})) {
      const lower = name.toLowerCase();
      if (lower === 'content-type' || lower.startsWith('x-rate')) kept[lower] = String(value);
    }
    return kept;
  }

  function httpFailure(error) {
    const { status, headers, data } = error.response;
    const body = kit.Buffer.isBuffer(data) ? data.toString('utf8') : kit.isStream(data) ? null : plain(data);
    const payload = kit.isPlain(body) ? (body.payload ?? body) : body;
    const limited = status === 429 && platformErrors.has(error);
    const shown = bytes(kit.stringify(body ?? null)) > MAX_PAYLOAD ? payloadOf(body) : body;
    return {
      type: limited ? 'script_api_rate_limit_error' : 'script_http_error',
      payload: payloadOf(payload),
      status: typeof status === 'number' ? status : 500,
      upstream: { status, headers: upstreamHeaders(headers), body: shown ?? null },
    };
  }

  // An error of the engine belongs to some realm, and libraries bring realms of their own: looks decide, not prototypes.
  const isError = (value) => kit.isObject(value) && (value instanceof Error || value.isAxiosError === true || (typeof value.message === 'string' && typeof value.stack === 'string'));

  /** What a Buffer too many throws: the limit of the process, not a mistake in the code. */
  const isOutOfMemory = (thrown) => isError(thrown) && thrown.message === 'Array buffer allocation failed';

  function classify(thrown) {
    if (isOutOfMemory(thrown)) return { type: 'function_runtime_out_of_memory', payload: { message: 'The function ran out of memory' }, status: 500 };
    if (!isError(thrown)) {
      const copy = plain(thrown);
      const payload = kit.isPlain(copy) ? { name: 'Error', ...copy } : { name: 'Error', message: typeof copy === 'string' ? copy : kit.stringify(copy) };
      return { type: 'script_internal_error', payload: kit.truncate(payload), status: 500 };
    }
    if (thrown instanceof kit.ActionError || thrown.type === 'action_script_runtime_error') {
      return { type: 'action_script_runtime_error', payload: payloadOf(thrown.payload), status: 500 };
    }
    if (thrown instanceof kit.SdkError) return { type: thrown.code, payload: payloadOf(thrown.payload), status: 500 };
    if (thrown.isAxiosError === true && kit.isObject(thrown.response)) return httpFailure(thrown);
    const type = thrown.isAxiosError === true ? 'script_network_error' : 'script_internal_error';
    return { type, payload: described(thrown), status: 500 };
  }

  /** What the platform stores for whatever `exec` threw; getters that throw must not hide the failure. */
  kit.failure = (thrown) => {
    try {
      return classify(thrown);
    } catch {
      return { type: 'script_internal_error', payload: { name: 'Error', message: 'The thrown value cannot be read' }, status: 500 };
    }
  };
})
