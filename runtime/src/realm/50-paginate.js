(function pagination(kit, host, $) {
  'use strict';

  const MAX_SHOWN = 200;

  /** The keys of a path in the syntax of lodash's `get` and `set`: dots, and brackets with a number or a quoted key. */
  function keysOf(path) {
    const keys = $.list();
    const part = /[^.[\]]+|\[(?:(-?\d+(?:\.\d+)?)|(["'])((?:(?!\2)[^\\]|\\.)*?)\2)\]|(?=(?:\.|\[\])(?:\.|\[\]|$))/g;
    if ($.startsWith(path, '.')) keys[0] = '';
    for (let found = $.exec(part, path); found !== null; found = $.exec(part, path)) {
      if (found[2] !== undefined) keys[keys.length] = unescaped(found[3]);
      else keys[keys.length] = found[1] ?? found[0];
      if (found[0] === '') part.lastIndex += 1;
    }
    return keys;
  }

  function unescaped(text) {
    let out = '';
    for (let at = 0; at < text.length; at++) {
      if (text[at] === '\\') at += 1;
      out += text[at] ?? '';
    }
    return out;
  }

  const isDeep = (path) => $.test(/\.|\[(?:[^[\]]*|(["'])(?:(?!\1)[^\\]|\\.)*?\1)\]/, path);
  const hasPlainKey = (value, path) => !isDeep(path) || ($.isObject(value) && path in value);

  /** The whole path is tried as one key first, because `@odata.nextLink` is a key that contains a dot. */
  const pathIn = (value, path) => {
    if (!hasPlainKey(value, path)) return keysOf(path);
    const whole = $.list();
    whole[0] = path;
    return whole;
  };

  function read(value, path) {
    const keys = pathIn(value, $.String(path));
    let at = value;
    for (let step = 0; step < keys.length; step++) {
      if (at === null || at === undefined) return undefined;
      at = at[keys[step]];
    }
    return keys.length === 0 ? undefined : at;
  }

  const LARGEST_INDEX = 9007199254740990;
  const isIndex = (key) => $.test(/^(?:0|[1-9]\d*)$/, key) && $.Number(key) <= LARGEST_INDEX;
  const isRefused = (key) => key === '__proto__' || key === 'constructor' || key === 'prototype';

  /** Copies the objects on the path, so that the caller's objects do not change; `target` is a copy already. */
  function write(target, path, value) {
    const keys = pathIn(target, $.String(path));
    let at = target;
    for (let step = 0; step < keys.length - 1; step++) {
      const key = keys[step];
      if (isRefused(key)) return;
      const inner = $.hasOwn(at, key) ? at[key] : undefined;
      const copy = $.isArray(inner) ? copyOf(inner) : $.isObject(inner) ? { ...inner } : isIndex(keys[step + 1]) ? [] : {};
      $.define(at, key, copy, true);
      at = copy;
    }
    if (keys.length > 0 && !isRefused(keys[keys.length - 1])) $.define(at, keys[keys.length - 1], value, true);
  }

  function copyOf(array) {
    const copy = [];
    $.each(array, (item) => $.push(copy, item));
    return copy;
  }

  const KNOWN = $.freeze({
    __proto__: null, type: true, limit: true, limit_name_in_request: true, response_path: true, in_body: true, on_page: true,
    cursor_name_in_request: true, cursor_path_in_response: true, link_rel_in_response_header: true, link_path_in_response_body: true,
    offset_name_in_request: true, offset_start_value: true, offset_calculation_method: true,
  });

  /** A hint that a required key may be missing because it is misspelt, if there is an unknown key. */
  function misspelt(settings, name) {
    let hint = '';
    $.each($.keys(settings), (key) => {
      if (!(key in KNOWN)) hint = ` The key ${key} is unknown: did you mean ${name}?`;
    });
    return hint;
  }

  function required(settings, names) {
    $.each(names, (name) => {
      if (settings[name]) return;
      const hint = misspelt(settings, name);
      const end = settings.type === 'offset' || hint !== '' ? '.' : '';
      throw new $.Error(`Param ${name} is required for ${settings.type} pagination${end}${hint}`);
    });
  }

  const VALIDATION = {
    __proto__: null,
    cursor(settings) {
      required(settings, ['cursor_name_in_request', 'cursor_path_in_response']);
      if (settings.limit) required(settings, ['limit_name_in_request']);
    },
    link(settings) {
      if (!settings.link_rel_in_response_header && !settings.link_path_in_response_body) {
        const hint = misspelt(settings, 'link_rel_in_response_header');
        throw new $.Error(`Either param link_rel_in_response_header or link_path_in_response_body is required for link pagination${hint && `.${hint}`}`);
      }
    },
    offset(settings) {
      required(settings, ['offset_name_in_request']);
    },
  };

  /** The provider's defaults, overridden by the call's own settings. */
  function settingsOf(config) {
    const defaults = kit.run.paginate;
    if (!defaults && !config.paginate?.type) {
      throw new $.Error('There was no pagination configuration for this integration or configuration passed in.');
    }
    const settings = { __proto__: null, ...defaults, ...config.paginate };
    if (!settings.type) throw new $.Error('Pagination type is required');
    if (!(settings.type in VALIDATION)) {
      throw new $.Error(`Pagination type ${$.String(settings.type)} is not supported. Only cursor, link and offset pagination types are supported.`);
    }
    VALIDATION[settings.type](settings);
    return settings;
  }

  const IN_BODY = $.freeze({ __proto__: null, POST: true, PUT: true, PATCH: true });

  /** The request that is repeated: a copy, so that the caller's `params` and `data` do not change. */
  function pagesOf(config, settings) {
    const { paginate: _, ...given } = config;
    const request = { __proto__: null, ...given, method: $.toUpperCase($.String(config.method ?? 'GET')) };
    const inBody = settings.in_body ?? request.method in IN_BODY;
    if (!inBody && typeof config.params === 'string') throw new $.Error('params must be an object when paginating');
    request[inBody ? 'data' : 'params'] = { __proto__: null, ...(inBody ? config.data : config.params) };
    const pages = { __proto__: null, inBody, settings, request };
    if (settings.limit && settings.limit_name_in_request) put(pages, settings.limit_name_in_request, settings.limit);
    return pages;
  }

  function put({ inBody, request }, name, value) {
    if (inBody) write(request.data, name, value);
    else $.define(request.params, name, value, true);
  }

  function items({ settings }, response) {
    const path = settings.response_path;
    if (!path) return response.data;
    if (typeof response.data === 'string' && response.data !== '') throw notJson(response);
    return read(response.data, path);
  }

  /** Without this, a text page would look like the end, and delete tracking would delete everything. */
  function notJson({ data, status }) {
    const error = new $.Error(`The answer with status ${status} is no JSON, so no items can be read from it. It begins: ${$.slice(data, 0, MAX_SHOWN)}`);
    return $.define(error, 'code', 'invalid_json_response', true);
  }

  /** A value without a length is not a page of items. */
  const isEmpty = (page) => page === undefined || page === null || typeof page === 'function' || !(page.length > 0);

  async function onPage({ settings }, nextPageParam, response) {
    if (settings.on_page) await settings.on_page({ nextPageParam, response }); // the function's own
  }

  function nextCursor(response, path) {
    const value = read(response.data, path);
    if (typeof value === 'string') return $.trim(value) || undefined;
    return typeof value === 'number' ? value : undefined;
  }

  const outcome = (page, isLast) => ({ __proto__: null, page, isLast });

  /** Each type creates a function that fetches the next page; `undefined` when there is none. */
  function byCursor(pages) {
    const { cursor_name_in_request: name, cursor_path_in_response: path } = pages.settings;
    const seen = { __proto__: null };
    let cursor;
    let started = false;
    let response;
    return async () => {
      if (started) {
        await $.own(onPage(pages, (cursor = nextCursor(response, path)), response));
        if (cursor === undefined || `${typeof cursor} ${cursor}` in seen) return undefined; // a repeated cursor would cause an endless loop
        seen[`${typeof cursor} ${cursor}`] = true;
        put(pages, name, cursor);
      }
      started = true;
      response = await $.own(kit.proxy(pages.request));
      const page = items(pages, response);
      return isEmpty(page) ? undefined : outcome(page, false);
    };
  }

  const headerLink = (value, rel) => {
    const link = /^\s*<([^>]*)>([^]*)$/;
    const parts = $.split($.String(value ?? ''), ',');
    for (let at = 0; at < parts.length; at++) {
      let text = parts[at];
      // A comma inside a URL is not a separator.
      while (at + 1 < parts.length && !$.test(/^\s*</, parts[at + 1])) text += `,${parts[++at]}`;
      const found = $.exec(link, text);
      const rels = found === null ? null : $.exec(/;\s*rel\s*=\s*"?([^";]*)"?/i, found[2]);
      if (rels !== null && $.includes($.split(rels[1], ' '), rel)) return found[1];
    }
    return undefined;
  };

  function nextLink(response, { link_rel_in_response_header: rel, link_path_in_response_body: path }) {
    const fromHeader = rel ? headerLink(response.headers.link, rel) : undefined;
    return fromHeader ?? (path ? read(response.data, path) : undefined);
  }

  function byLink(pages) {
    let previous;
    let started = false;
    let response;
    return async () => {
      if (started) {
        const next = nextLink(response, pages.settings);
        await $.own(onPage(pages, next, response));
        if (typeof next !== 'string' || next === '' || next === previous) return undefined;
        previous = next;
        const { request } = pages;
        request.endpoint = next; // an absolute URL is followed only within the provider's own hosts
        request.followsLink = true;
        delete request.params;
      }
      started = true;
      response = await $.own(kit.proxy(pages.request));
      const page = items(pages, response);
      return outcome(isEmpty(page) ? [] : page, false);
    };
  }

  function byOffset(pages) {
    const { offset_name_in_request: name, offset_start_value: start, offset_calculation_method: method, limit } = pages.settings;
    let offset = $.Number(start ?? 0);
    let response;
    let page;
    return async () => {
      if (page !== undefined) {
        await $.own(onPage(pages, offset, response));
        offset += method === 'per-page' ? 1 : page.length;
      }
      put(pages, name, pages.inBody ? offset : `${offset}`);
      response = await $.own(kit.proxy(pages.request));
      page = items(pages, response);
      return isEmpty(page) ? undefined : outcome(page, limit !== undefined && limit !== null && page.length < $.Number(limit));
    };
  }

  const KINDS = $.freeze({ __proto__: null, cursor: byCursor, link: byLink, offset: byOffset });

  kit.paginate = async function* paginate(config) {
    kit.checkAlive();
    const settings = settingsOf(config);
    const next = KINDS[settings.type](pagesOf(config, settings));
    for (let found = await $.own(next()); found !== undefined; found = await $.own(next())) {
      yield found.page;
      if (found.isLast) return;
    }
  };
})
