(function pagination(kit) {
  'use strict';

  const read = (value, path) => String(path).split('.').reduce((at, key) => (kit.isObject(at) ? at[key] : undefined), value);

  function write(target, path, value) {
    const keys = String(path).split('.');
    const last = keys.pop();
    let at = target;
    for (const key of keys) {
      at[key] = kit.isPlain(at[key]) ? { ...at[key] } : {};
      at = at[key];
    }
    at[last] = value;
  }

  function required(settings, names) {
    for (const name of names) {
      if (!settings[name]) throw new Error(`Param ${name} is required for ${settings.type} pagination${settings.type === 'offset' ? '.' : ''}`);
    }
  }

  const VALIDATION = {
    cursor(settings) {
      required(settings, ['cursor_name_in_request', 'cursor_path_in_response']);
      if (settings.limit) required(settings, ['limit_name_in_request']);
    },
    link(settings) {
      if (!settings.link_rel_in_response_header && !settings.link_path_in_response_body) {
        throw new Error('Either param link_rel_in_response_header or link_path_in_response_body is required for link pagination');
      }
    },
    offset(settings) {
      required(settings, ['offset_name_in_request']);
    },
  };

  /** The provider's defaults, overlaid by the call's own settings. */
  function settingsOf(config) {
    const defaults = kit.run.paginate;
    if (!defaults && !config.paginate?.type) {
      throw new Error('There was no pagination configuration for this integration or configuration passed in.');
    }
    const settings = { ...defaults, ...config.paginate };
    if (!settings.type) throw new Error('Pagination type is required');
    if (!Object.hasOwn(VALIDATION, settings.type)) {
      throw new Error(`Pagination type ${settings.type} is not supported. Only cursor, link and offset pagination types are supported.`);
    }
    VALIDATION[settings.type](settings);
    return settings;
  }

  /** The request that is repeated: a copy, so that the caller's `params` and `data` stay as they were. */
  class Pages {
    constructor(config, settings) {
      const { paginate: _, ...request } = config;
      request.method = String(config.method ?? 'GET').toUpperCase();
      this.inBody = settings.in_body ?? ['POST', 'PUT', 'PATCH'].includes(request.method);
      this.settings = settings;
      this.request = request;
      if (this.inBody) request.data = { ...request.data };
      else if (typeof request.params === 'string') throw new Error('params must be an object when paginating');
      else request.params = { ...request.params };
      if (settings.limit && settings.limit_name_in_request) this.set(settings.limit_name_in_request, settings.limit);
    }

    set(name, value) {
      if (this.inBody) write(this.request.data, name, value);
      else this.request.params[name] = value;
    }

    fetch() {
      return kit.proxy(this.request);
    }

    items(response) {
      const path = this.settings.response_path;
      return path ? read(response.data, path) : response.data;
    }

    async onPage(nextPageParam, response) {
      if (this.settings.on_page) await this.settings.on_page({ nextPageParam, response });
    }
  }

  const isEmpty = (items) => items === undefined || items === null || items.length === 0 || items === false;

  function nextCursor(response, path) {
    const value = read(response.data, path);
    if (typeof value === 'string') return value.trim() || undefined;
    return typeof value === 'number' ? value : undefined;
  }

  async function* byCursor(pages) {
    const { cursor_name_in_request: name, cursor_path_in_response: path } = pages.settings;
    const seen = new Set();
    for (;;) {
      const response = await pages.fetch();
      const items = pages.items(response);
      if (isEmpty(items)) return;
      yield items;
      const next = nextCursor(response, path);
      await pages.onPage(next, response);
      if (next === undefined || seen.has(next)) return; // a cursor that comes back would never end
      seen.add(next);
      pages.set(name, next);
    }
  }

  const headerLink = (value, rel) => {
    for (const part of String(value ?? '').split(/,(?=\s*<)/)) {
      const [, url, attributes] = /^\s*<([^>]*)>(.*)$/s.exec(part) ?? [];
      const rels = /;\s*rel\s*=\s*"?([^";]*)"?/i.exec(attributes ?? '')?.[1].split(/\s+/) ?? [];
      if (url && rels.includes(rel)) return url;
    }
    return undefined;
  };

  function nextLink(response, settings) {
    const { link_rel_in_response_header: rel, link_path_in_response_body: path } = settings;
    const fromHeader = rel ? headerLink(response.headers.link, rel) : undefined;
    return fromHeader ?? (path ? read(response.data, path) : undefined);
  }

  async function* byLink(pages) {
    let previous;
    for (;;) {
      const response = await pages.fetch();
      yield pages.items(response) ?? [];
      const next = nextLink(response, pages.settings);
      await pages.onPage(next, response);
      if (typeof next !== 'string' || next === '' || next === previous) return;
      previous = next;
      pages.request.endpoint = next; // an absolute one is followed within the provider's own hosts
      pages.request.followsLink = true;
      delete pages.request.params;
    }
  }

  async function* byOffset(pages) {
    const { offset_name_in_request: name, offset_start_value: start, offset_calculation_method: method, limit } = pages.settings;
    let offset = Number(start ?? 0);
    for (;;) {
      pages.set(name, pages.inBody ? offset : String(offset));
      const response = await pages.fetch();
      const items = pages.items(response);
      if (isEmpty(items)) return;
      yield items;
      if (limit && items.length < Number(limit)) return;
      await pages.onPage(offset, response);
      offset += method === 'per-page' ? 1 : items.length;
    }
  }

  const KINDS = { cursor: byCursor, link: byLink, offset: byOffset };

  kit.paginate = async function* paginate(config) {
    kit.checkAlive();
    const settings = settingsOf(config);
    yield* KINDS[settings.type](new Pages(config, settings));
  };
})
