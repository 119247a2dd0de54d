(function http(kit, host, $) {
  'use strict';

  const { mostBody, bodyTooLarge } = host;
  const randomHex = kit.guarded(host.randomHex);
  const printQuery = kit.guarded(host.printQuery);
  const parseUrl = kit.guarded(host.parseUrl);
  const WITH_BODY = $.freeze({ __proto__: null, POST: true, PUT: true, PATCH: true, DELETE: true });
  const PASSED = $.freeze($.setPrototypeOf([
    'retries', 'retryOn', 'retryHeader', 'baseUrlOverride', 'responseType', 'decompress', 'forwardHeadersOnRedirect',
    'connectionId', 'providerConfigKey', 'followsLink',
  ], null));

  /** Header names in the format of the reference's HTTP library: plain lower-case properties, and `.get()`. */
  class ResponseHeaders {
    constructor(headers) {
      $.each($.keys(headers ?? {}), (name) => $.define(this, $.toLowerCase(name), headers[name], true));
    }
  }
  const hidden = (name, value) => $.define(ResponseHeaders.prototype, name, value);
  const lower = (name) => $.toLowerCase($.String(name));
  hidden('get', function get(name) {
    return $.hasOwn(this, lower(name)) ? this[lower(name)] : undefined;
  });
  hidden('has', function has(name) {
    return $.hasOwn(this, lower(name));
  });
  hidden('set', function set(name, value) {
    return $.define(this, lower(name), value, true);
  });
  hidden('delete', function remove(name) {
    return $.hasOwn(this, lower(name)) && $.deleteProperty(this, lower(name));
  });
  hidden('toJSON', function toJSON() {
    return { ...this };
  });
  hidden($.iterator, function iterator() {
    return $.entries(this)[$.iterator]();
  });
  kit.ResponseHeaders = ResponseHeaders;

  const headerText = (value) => ($.isArray(value) ? $.join($.map(value, (item) => $.String(item)), ', ') : $.String(value));

  function lowerCased(headers) {
    const out = { __proto__: null };
    $.each($.keys(headers ?? {}), (name) => {
      const value = headers[name];
      if (value !== undefined && value !== null) out[$.toLowerCase(name)] = headerText(value);
    });
    return out;
  }

  /** The text of query parameters; undefined for any other value. Other values cannot exist before the function has created some. */
  kit.searchText = () => undefined;

  const isNested = (value) => $.isObject(value) && !$.isBytes(value) && !$.isDate(value);
  const isFlat = (data) => $.isArray(data) && $.find(data, isNested) === undefined;

  /** Names in the format of the reference's HTTP library: `a[b]`, `list[]`, and `rows[0][b]` where a list contains objects. */
  function formEntries(data, prefix, entries) {
    const flat = isFlat(data);
    $.each($.keys(data), (key) => {
      const value = data[key];
      const name = prefix === '' ? key : `${prefix}[${flat ? '' : key}]`;
      if (value === undefined) return;
      if (isNested(value)) formEntries(value, name, entries);
      else entries[entries.length] = pair(name, value === null ? '' : $.isDate(value) ? $.toISOString(value) : value);
    });
    return entries;
  }

  const pair = (name, value) => {
    const both = $.list();
    both[0] = name;
    both[1] = value;
    return both;
  };

  function formBody(data) {
    const texts = $.map(formEntries(data, '', $.list()), (entry) => pair(entry[0], $.toWellFormed($.String(entry[1]))));
    return { __proto__: null, bodyKind: 'form', body: printQuery($.stringify(texts)) };
  }

  const quoted = (name) => $.replaceAll($.replaceAll($.replaceAll(name, '"', '%22'), '\r', '%0D'), '\n', '%0A');

  kit.concat = (parts, size) => {
    const all = new $.Uint8Array(size);
    let at = 0;
    $.each(parts, (part) => {
      $.setBytes(all, part, at);
      at += $.lengthOf(part);
    });
    return all;
  };

  /** The boundary is part of the content type, so the whole body is built here. */
  function multipartBody(data, headers) {
    const boundary = `millrace-${randomHex()}`;
    const parts = $.list();
    let size = 0;
    const add = (bytes) => {
      parts[parts.length] = bytes;
      size += $.lengthOf(bytes);
    };
    $.each(formEntries(data, '', $.list()), (entry) => {
      const name = quoted(entry[0]);
      const file = $.isBytes(entry[1]) ? `; filename="${name}"\r\nContent-Type: application/octet-stream` : '';
      add(kit.utf8(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"${file}\r\n\r\n`));
      add($.isBytes(entry[1]) ? $.bytesOf(entry[1]) : kit.utf8($.String(entry[1])));
      add(kit.utf8('\r\n'));
    });
    add(kit.utf8(`--${boundary}--\r\n`));
    headers['content-type'] = `multipart/form-data; boundary=${boundary}`;
    return { __proto__: null, bodyKind: 'multipart', body: kit.concat(parts, size) };
  }

  function jsonText(data) {
    if (typeof data !== 'string') return $.stringify(data);
    try {
      $.parse(data);
      return $.trim(data);
    } catch {
      return $.stringify(data);
    }
  }

  const encoded = (bodyKind, body) => ({ __proto__: null, bodyKind, body });

  function encodeBody(data, headers) {
    const type = headers['content-type'] ?? '';
    if ($.isView(data)) return encoded('bytes', data);
    if ($.isBuffer(data) || $.isSharedBuffer(data)) return encoded('bytes', new $.Uint8Array(data));
    const query = kit.searchText(data);
    if (query !== undefined) return encoded('form', query);
    if ($.isObject(data) && $.startsWith(type, 'multipart/form-data')) return multipartBody(data, headers);
    if ($.isObject(data) && $.startsWith(type, 'application/x-www-form-urlencoded')) return formBody(data);
    if ($.isObject(data) || $.indexOf(type, 'application/json') >= 0) return encoded('json', jsonText(data));
    return encoded('text', $.String(data));
  }

  /** Bodies that have to be read before they can be sent: fetched streams, generators. */
  kit.isStream = (value) => $.isObject(value) && typeof value[$.asyncIterator] === 'function';

  function chunkOf(piece) {
    if (typeof piece === 'string') return kit.utf8(piece);
    if ($.isView(piece)) return new $.Uint8Array($.bytesOf(piece)); // a copy, because the stream may reuse its memory
    if ($.isBuffer(piece)) return new $.Uint8Array(piece);
    throw $.define(new $.TypeError('A stream that is sent must give texts or bytes'), 'code', 'ERR_INVALID_ARG_TYPE', true);
  }

  /** Reads no more than can be sent, because a stream may be endless. */
  async function collected(stream) {
    const chunks = $.list();
    let size = 0;
    for await (const piece of stream) { // the function's own
      const chunk = chunkOf(piece);
      size += $.lengthOf(chunk);
      if (size > mostBody) throw kit.networkError(kit.toError(kit.parseBare(bodyTooLarge)), {});
      chunks[chunks.length] = chunk;
    }
    return kit.concat(chunks, size);
  }

  function decoded({ text, bytes }, responseType) {
    if (responseType === 'arraybuffer') return kit.asBuffer(bytes);
    if (responseType === 'stream') return kit.streamOf(kit.asBuffer(bytes));
    const content = $.charCodeAt(text, 0) === 0xfeff ? $.slice(text, 1) : text;
    if (responseType !== undefined && responseType !== 'json') return content;
    try {
      return content === '' ? content : $.parse(content);
    } catch {
      return content;
    }
  }

  const bigintsAsText = (key, value) => (typeof value === 'bigint' ? $.bigintText(value) : value);

  /** Numbers that JSON lacks are sent as texts: bigints, NaN and infinities. */
  const numbersAsText = (key, value) => (typeof value === 'number' && value - value !== 0 ? $.String(value) : bigintsAsText(key, value));

  function queryParams(params) {
    if (params === undefined || params === null || typeof params === 'string') return params;
    const query = kit.searchText(params);
    if (query !== undefined) return query;
    const text = $.stringify(params, numbersAsText);
    return text === undefined ? undefined : kit.parseBare(text);
  }

  /** Reads each part of the caller's config once, so that it cannot change in between. */
  function requestOf(endpoint, config, data) {
    const method = $.toUpperCase($.String(config.method ?? 'GET'));
    const headers = lowerCased(config.headers);
    delete headers['user-agent']; // calls of functions have the platform's own name
    const { bodyKind, body } = data !== undefined && data !== null && method in WITH_BODY ? encodeBody(data, headers) : encoded('none');
    const head = { __proto__: null, endpoint, method, params: queryParams(config.params), headers, bodyKind };
    $.each(PASSED, (key) => {
      const value = config[key];
      if (value !== undefined) head[key] = kit.bare($.parse($.stringify(value, bigintsAsText) ?? 'null'));
    });
    const shown = { method: $.toLowerCase(method), url: endpoint, headers: kit.shown(headers), params: kit.shown(head.params), data: body };
    return { __proto__: null, head, body, shown };
  }

  async function exchange({ head, body, shown }) {
    const wants = head.responseType === 'arraybuffer' || head.responseType === 'stream' ? 'bytes' : 'text';
    try {
      return await $.own(kit.call('http', head, body, { __proto__: null, wants }));
    } catch (error) {
      // An upper-case code comes from the transport, a lower-case one from the validation of the call.
      const isTransport = !kit.isSdkError(error) && !error.isAxiosError && typeof error.code === 'string' && $.test(/^[A-Z]/, error.code);
      throw isTransport ? kit.networkError(error, shown) : error;
    }
  }

  /** The properties of a response's request that functions read. */
  function requestBehind(method, address) {
    const text = typeof address === 'string' ? parseUrl($.toWellFormed(address)) : '';
    if (text === '') return { method };
    const parts = kit.parseBare(text); // href, origin, protocol, username, password, host, hostname, port, pathname, search, hash
    return { method, protocol: parts[2], host: parts[6], path: parts[8] + parts[9], res: { responseUrl: address } };
  }

  kit.proxy = async (config) => {
    kit.checkAlive();
    const endpoint = config?.endpoint;
    if (typeof endpoint !== 'string') throw new $.Error('A proxy call needs a config object with an endpoint, a text');
    const { data } = config;
    const request = requestOf(endpoint, config, kit.isStream(data) ? await $.own(collected(data)) : data);
    const answer = await $.own(exchange(request));
    const { status, statusText, headers, url } = answer.head;
    if (status === 401) kit.forgetConnections();
    const response = {
      data: decoded(answer, request.head.responseType),
      status,
      statusText: statusText ?? '',
      headers: new ResponseHeaders(kit.shown(headers)),
      config: { ...request.shown, url: url ?? request.shown.url },
      request: requestBehind(request.head.method, url),
    };
    if (status < 200 || status > 299) throw kit.responseError(response);
    return response;
  };

  $.each($.setPrototypeOf(['get', 'post', 'put', 'patch', 'delete'], null), (verb) => {
    kit[verb] = (config) => kit.proxy({ __proto__: null, ...config, method: $.toUpperCase(verb) });
  });
})
