(function http(kit, host) {
  'use strict';

  const { streamOf } = host.shared;
  const { mostBody, bodyTooLarge } = host;
  const randomHex = kit.guarded(host.randomHex);
  const WITH_BODY = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);
  const PASSED = [
    'retries', 'retryOn', 'retryHeader', 'baseUrlOverride', 'responseType', 'decompress', 'forwardHeadersOnRedirect',
    'connectionId', 'providerConfigKey', 'followsLink',
  ];

  /** Header names as the reference's HTTP library offers them: plain properties in lower case, and `.get()`. */
  class ResponseHeaders {
    constructor(headers) {
      for (const [name, value] of Object.entries(headers ?? {})) this[name.toLowerCase()] = value;
    }
  }
  const hidden = (name, value) => Object.defineProperty(ResponseHeaders.prototype, name, { value, enumerable: false });
  hidden('get', function get(name) {
    return Object.hasOwn(this, String(name).toLowerCase()) ? this[String(name).toLowerCase()] : undefined;
  });
  hidden('has', function has(name) {
    return Object.hasOwn(this, String(name).toLowerCase());
  });
  hidden('set', function set(name, value) {
    this[String(name).toLowerCase()] = value;
    return this;
  });
  hidden('delete', function remove(name) {
    return this.has(name) && delete this[String(name).toLowerCase()];
  });
  hidden('toJSON', function toJSON() {
    return { ...this };
  });
  hidden(Symbol.iterator, function iterator() {
    return Object.entries(this)[Symbol.iterator]();
  });
  kit.ResponseHeaders = ResponseHeaders;

  function lowerCased(headers) {
    const lower = {};
    for (const [name, value] of Object.entries(headers ?? {})) {
      if (value !== undefined && value !== null) lower[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : String(value);
    }
    return lower;
  }

  const isNested = (value) => kit.isObject(value) && !kit.Buffer.isBuffer(value) && !(value instanceof Date);

  /** Names as the reference's HTTP library makes them: `a[b]`, `list[]`, and `rows[0][b]` where a list holds objects. */
  function formEntries(data, prefix = '') {
    const flat = Array.isArray(data) && !data.some(isNested);
    return Object.entries(data).flatMap(([key, value]) => {
      const name = prefix ? `${prefix}[${flat ? '' : key}]` : key;
      if (value === undefined) return [];
      if (isNested(value)) return formEntries(value, name);
      return [[name, value === null ? '' : value instanceof Date ? value.toISOString() : value]];
    });
  }

  function formBody(data) {
    const form = new kit.URLSearchParams();
    for (const [name, value] of formEntries(data)) form.append(name, String(value));
    return { bodyKind: 'form', body: form.toString() };
  }

  /** The boundary is part of the content type, so the whole body is made here. */
  function multipartBody(data, headers) {
    const boundary = `millrace-${randomHex()}`;
    const parts = formEntries(data).map(([name, value]) => {
      const file = kit.Buffer.isBuffer(value) ? `; filename="${name}"\r\nContent-Type: application/octet-stream` : '';
      const head = `--${boundary}\r\nContent-Disposition: form-data; name="${name.replace(/["\r\n]/g, encodeURIComponent)}"${file}\r\n\r\n`;
      return kit.Buffer.concat([kit.Buffer.from(head), kit.Buffer.from(kit.Buffer.isBuffer(value) ? value : String(value)), kit.Buffer.from('\r\n')]);
    });
    headers['content-type'] = `multipart/form-data; boundary=${boundary}`;
    return { bodyKind: 'multipart', body: kit.Buffer.concat([...parts, kit.Buffer.from(`--${boundary}--\r\n`)]) };
  }

  function jsonText(data) {
    if (typeof data !== 'string') return kit.stringify(data);
    try {
      kit.parse(data);
      return data.trim();
    } catch {
      return kit.stringify(data);
    }
  }

  function encodeBody(data, headers) {
    const type = headers['content-type'] ?? '';
    if (ArrayBuffer.isView(data)) return { bodyKind: 'bytes', body: data };
    if (data instanceof ArrayBuffer) return { bodyKind: 'bytes', body: kit.Buffer.from(data) };
    if (data instanceof kit.URLSearchParams) return { bodyKind: 'form', body: data.toString() };
    if (kit.isObject(data) && type.startsWith('multipart/form-data')) return multipartBody(data, headers);
    if (kit.isObject(data) && type.startsWith('application/x-www-form-urlencoded')) return formBody(data);
    if (kit.isObject(data) || type.includes('application/json')) return { bodyKind: 'json', body: jsonText(data) };
    return { bodyKind: 'text', body: String(data) };
  }

  /** What can be sent only after it was read: streams that were fetched, generators. */
  kit.isStream = (value) => kit.isObject(value) && typeof value[Symbol.asyncIterator] === 'function';

  /** Reads no further than can be sent: a stream may have no end. */
  async function collected(stream) {
    const chunks = [];
    let size = 0;
    for await (const piece of stream) {
      const chunk = kit.Buffer.from(piece);
      size += chunk.length;
      if (size > mostBody) throw kit.networkError(kit.toError(kit.parse(bodyTooLarge)), {});
      chunks.push(chunk);
    }
    return kit.Buffer.concat(chunks);
  }

  function decode(bytes, responseType) {
    if (responseType === 'arraybuffer') return bytes;
    if (responseType === 'stream') return streamOf(bytes);
    const text = bytes.toString('utf8').replace(/^\uFEFF/, '');
    if (responseType !== undefined && responseType !== 'json') return text;
    try {
      return text === '' ? text : kit.parse(text);
    } catch {
      return text;
    }
  }

  function queryParams(params) {
    if (params === undefined || params === null || typeof params === 'string') return params;
    return params instanceof kit.URLSearchParams ? params.toString() : params;
  }

  /** Reads the caller's config once, so that nothing changes under our hands. */
  function requestOf(config, data) {
    const method = String(config.method ?? 'GET').toUpperCase();
    const headers = lowerCased(config.headers);
    delete headers['user-agent']; // calls of functions carry the platform's own name
    const encoded = data !== undefined && data !== null && WITH_BODY.has(method) ? encodeBody(data, headers) : { bodyKind: 'none' };
    const head = { endpoint: config.endpoint, method, params: queryParams(config.params), headers, bodyKind: encoded.bodyKind };
    for (const key of PASSED) if (config[key] !== undefined) head[key] = config[key];
    const shown = { method: method.toLowerCase(), url: config.endpoint, headers, params: head.params, data: encoded.body };
    return { head, body: encoded.body, shown };
  }

  async function exchange(request) {
    try {
      return await kit.call('http', request.head, request.body);
    } catch (error) {
      if (error instanceof kit.SdkError || error.isAxiosError) throw error;
      // A code in capitals comes from the transport, one in lower case from the configuration of the call.
      if (typeof error.code === 'string' && /^[A-Z]/.test(error.code)) throw kit.networkError(error, request.shown);
      throw error;
    }
  }

  /** What functions read off the request behind an answer. */
  function requestBehind(method, address) {
    try {
      const { protocol, hostname, pathname, search } = new kit.URL(address);
      return { method, protocol, host: hostname, path: pathname + search, res: { responseUrl: address } };
    } catch {
      return { method };
    }
  }

  kit.proxy = async (config) => {
    kit.checkAlive();
    if (typeof config?.endpoint !== 'string') throw new Error('A proxy call needs a config object with an endpoint, a text');
    const request = requestOf(config, kit.isStream(config.data) ? await collected(config.data) : config.data);
    const { head, body } = await exchange(request);
    if (head.status === 401) kit.forgetConnections();
    const response = {
      data: decode(body, config.responseType),
      status: head.status,
      statusText: head.statusText ?? '',
      headers: new ResponseHeaders(head.headers),
      config: { ...request.shown, url: head.url ?? request.shown.url },
      request: requestBehind(request.head.method, head.url),
    };
    if (head.status < 200 || head.status > 299) throw kit.responseError(response);
    return response;
  };

  for (const verb of ['get', 'post', 'put', 'patch', 'delete']) {
    kit[verb] = (config) => kit.proxy({ ...config, method: verb.toUpperCase() });
  }
})
