(function errors(kit, host, $) {
  'use strict';

  const MAX_PAYLOAD = 99_000;
  const MAX_TYPE = 255;
  const MAX_STACK_LINES = 10;
  const platformErrors = new $.WeakMap();

  const bytes = (text) => kit.sizeOf(text, 'utf8');
  const NO_REQUEST = () => ({});

  /** The Error for a response outside 200–299. */
  kit.responseError = ({ data, status, statusText, headers, config, request }) => {
    const error = new $.Error(`Request failed with status code ${status}`);
    const response = { data, status, statusText: statusText ?? '', headers: headers ?? {}, config: config ?? NO_REQUEST(), request: request ?? NO_REQUEST() };
    return dressed(error, {
      __proto__: null, name: 'AxiosError', isAxiosError: true, code: status >= 500 ? 'ERR_BAD_RESPONSE' : 'ERR_BAD_REQUEST', status, response, config: response.config, request: response.request,
    });
  };

  /** The same for a response of Millrace itself. */
  kit.platformError = ({ data, status, statusText, headers }) => {
    const shown = new kit.ResponseHeaders({ __proto__: null, 'content-type': 'application/json; charset=utf-8', ...headers });
    const error = kit.responseError({ __proto__: null, data, status, statusText, headers: shown });
    $.WeakMap_set(platformErrors, error, true);
    return error;
  };

  /** The Error for a request without a response. */
  kit.networkError = (cause, config) => dressed(new $.Error(cause.message), {
    __proto__: null, name: cause.name || 'Error', isAxiosError: true, code: cause.code, response: undefined, config, request: {},
  });

  function dressed(error, parts) {
    $.each($.keys(parts), (name) => $.define(error, name, parts[name], true));
    return $.define(error, 'toJSON', () => ({
      message: error.message, name: error.name, stack: error.stack, config: error.config, code: error.code, status: error.status ?? null,
    }));
  }

  const isAuthorization = (key) => $.toLowerCase(key) === 'authorization';

  const redacting = () => {
    const seen = $.list();
    return function redact(key, value) {
      if (isAuthorization(key)) return '[Redacted]';
      if (typeof value === 'bigint') return $.bigintText(value);
      if (!$.isObject(value)) return value;
      while (seen.length > 0 && seen[seen.length - 1] !== this) seen.length -= 1;
      if ($.includes(seen, value)) return '[Circular]';
      seen[seen.length] = value;
      return value;
    };
  };

  /** A copy with data properties only. */
  const plain = (value) => {
    try {
      return kit.parseBare($.stringify(value, redacting()) ?? 'null');
    } catch {
      return null;
    }
  };

  /** Drops whole properties, the largest first, until the payload is small enough to store. The object belongs to the platform. */
  kit.truncate = (object, limit = MAX_PAYLOAD) => {
    let excess = bytes($.stringify(object)) - limit;
    if (excess <= 0) return object;
    const sized = $.map($.keys(object), (key) => ({ __proto__: null, key, size: bytes($.stringify(object[key]) ?? '') + bytes(key) + 4 }));
    $.sort(sized, (a, b) => b.size - a.size);
    const kept = { __proto__: null, ...object };
    for (let at = 0; at < sized.length && excess > 0; at++) {
      delete kept[sized[at].key];
      excess -= sized[at].size;
    }
    return kept;
  };

  function payloadOf(value) {
    if (value === undefined || value === null) return { __proto__: null };
    const copy = plain(value);
    return kit.truncate(kit.isPlain(copy) ? copy : { __proto__: null, message: copy });
  }

  /** The first line and the lines in the function's own file; other lines belong to the platform. */
  function stackLines(stack) {
    if (typeof stack !== 'string') return undefined;
    const lines = $.split(stack, '\n');
    const own = kit.ownLines($.filter(lines, (_, at) => at > 0));
    if (own.length === 0) return undefined;
    const shown = $.list();
    shown[0] = $.trim(lines[0]);
    for (let at = 0; at < own.length && shown.length < MAX_STACK_LINES; at++) shown[shown.length] = $.trim(own[at]);
    return shown;
  }

  function described(error) {
    const stacktrace = stackLines(error.stack);
    const { code } = error;
    return kit.truncate(plain({
      __proto__: null,
      name: $.String(error.name ?? 'Error'),
      ...(code === undefined ? undefined : { code }),
      message: $.String(error.message ?? ''),
      ...(stacktrace === undefined ? undefined : { stacktrace }),
    }));
  }

  function upstreamHeaders(headers) {
    const kept = { __proto__: null };
    $.each($.keys(headers ?? {}), (name) => {
      const lower = $.toLowerCase(name);
      if (lower === 'content-type' || $.startsWith(lower, 'x-rate')) kept[lower] = $.String(headers[name]);
    });
    return kit.truncate(kept);
  }

  function httpFailure(error) {
    const { status: given, headers, data } = error.response;
    const status = $.isInteger(given) && given >= 100 && given <= 999 ? given : 500;
    const body = $.isBytes(data) ? kit.textOf($.bytesOf(data)) : kit.isStream(data) ? null : plain(data);
    const payload = kit.isPlain(body) ? (body.payload ?? body) : body;
    const limited = status === 429 && $.WeakMap_has(platformErrors, error);
    const shown = bytes($.stringify(body ?? null)) > MAX_PAYLOAD ? payloadOf(body) : body;
    return {
      __proto__: null,
      type: limited ? 'script_api_rate_limit_error' : 'script_http_error',
      payload: payloadOf(payload),
      status,
      upstream: { __proto__: null, status, headers: upstreamHeaders(headers), body: shown ?? null },
    };
  }

  // Properties are checked in addition to the brand, because libraries may throw objects that only look like errors.
  const isError = (value) => $.isObject(value) && ($.isError(value) || value.isAxiosError === true || (typeof value.message === 'string' && typeof value.stack === 'string'));

  /** The error for too many Buffers: a limit of the process, not an error in the code. */
  const isOutOfMemory = (thrown) => isError(thrown) && thrown.message === 'Array buffer allocation failed';

  const failure = (type, payload) => ({ __proto__: null, type, payload, status: 500 });

  function classify(thrown) {
    if (isOutOfMemory(thrown)) return failure('function_runtime_out_of_memory', { __proto__: null, message: 'The function ran out of memory' });
    if (!isError(thrown)) {
      const copy = plain(thrown);
      const payload = kit.isPlain(copy) ? { __proto__: null, name: 'Error', ...copy } : { __proto__: null, name: 'Error', message: typeof copy === 'string' ? copy : $.stringify(copy) };
      return failure('script_internal_error', kit.truncate(payload));
    }
    if (thrown.type === 'action_script_runtime_error') return failure('action_script_runtime_error', payloadOf(thrown.payload));
    if (kit.isSdkError(thrown)) return failure($.slice($.String(thrown.code), 0, MAX_TYPE), payloadOf(thrown.payload));
    if (thrown.isAxiosError === true && $.isObject(thrown.response)) return httpFailure(thrown);
    return failure(thrown.isAxiosError === true ? 'script_network_error' : 'script_internal_error', described(thrown));
  }

  /** The text that the platform stores for a thrown value; getters that throw must not hide the failure. */
  kit.failureText = (thrown) => {
    try {
      return $.stringify(classify(thrown));
    } catch {
      return '{"type":"script_internal_error","payload":{"name":"Error","message":"The thrown value cannot be read"},"status":500}';
    }
  };
})
