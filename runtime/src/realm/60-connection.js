(function connection(kit, host, $) {
  'use strict';

  const CONNECTION_MS = 60_000;
  const INTEGRATION_MS = 600_000;
  let connections = { __proto__: null };
  const integrations = { __proto__: null };

  kit.forgetConnections = () => {
    connections = { __proto__: null };
  };

  /** Keeps JSON text instead of objects, so that changes by one reader do not affect others. */
  async function cached(cache, key, ms, load) {
    const entry = cache[key];
    if (entry && $.now() - entry.at < ms) return $.parse(entry.text);
    const { text } = await $.own(load());
    cache[key] = { __proto__: null, text, at: $.now() };
    return $.parse(text);
  }

  const pair = (providerConfigKey, connectionId) => $.stringify({ __proto__: null, providerConfigKey, connectionId });
  const own = () => pair(kit.run.nango.providerConfigKey, kit.run.nango.connectionId);

  kit.getConnection = async (providerConfigKey, connectionId, options) => {
    kit.checkAlive();
    const integration = providerConfigKey || kit.run.nango.providerConfigKey;
    const id = connectionId || kit.run.nango.connectionId;
    const key = pair(integration, id);
    const forceRefresh = options?.forceRefresh === true;
    const refreshToken = options?.refreshToken === true;
    const refreshGithubAppJwtToken = options?.refreshGithubAppJwtToken === true;
    if (forceRefresh || refreshToken || refreshGithubAppJwtToken) delete connections[key];
    const head = { __proto__: null, providerConfigKey: integration, connectionId: id, forceRefresh, refreshToken, refreshGithubAppJwtToken };
    return await $.own(cached(connections, key, CONNECTION_MS, () => kit.call('connection', head)));
  };

  kit.getToken = async () => {
    kit.checkAlive();
    return await $.own(kit.callJson('token'));
  };

  async function changeMetadata(method, metadata) {
    kit.checkAlive();
    try {
      const { head, text } = await $.own(kit.call(method, undefined, $.stringify(metadata) ?? 'null'));
      const data = text === '' ? null : $.parse(text);
      const status = head.status ?? 200;
      if (status < 200 || status > 299) throw kit.platformError({ __proto__: null, data, status, statusText: head.statusText, headers: head.headers });
      return { data, status, statusText: head.statusText ?? 'OK', headers: new kit.ResponseHeaders(head.headers), config: {}, request: {} };
    } finally {
      delete connections[own()];
    }
  }

  kit.setMetadata = (metadata) => changeMetadata('metadata.set', metadata);
  kit.updateMetadata = (metadata) => changeMetadata('metadata.update', metadata);

  /** The stored value with the schema's defaults and coercions applied; keys that the schema does not name are kept. */
  kit.overlay = (stored, parsed) => {
    if (kit.isPlain(stored) && kit.isPlain(parsed) && !$.isDate(parsed)) {
      const merged = { ...stored };
      $.each($.keys(parsed), (key) => $.define(merged, key, $.hasOwn(stored, key) ? kit.overlay(stored[key], parsed[key]) : parsed[key], true));
      return merged;
    }
    if ($.isArray(stored) && $.isArray(parsed) && stored.length === parsed.length) {
      const merged = [];
      $.each(parsed, (item, at) => $.push(merged, kit.overlay(stored[at], item)));
      return merged;
    }
    return parsed;
  };

  const pathText = (path) => $.join($.map(path, (key) => $.String(key)), '.');
  kit.pathText = pathText;
  const issuesText = ({ issues }) => $.join($.map(issues, (issue) => `${pathText(issue.path) || '(root)'}: ${issue.message}`), '; ');

  /** Schemas are the function's own objects. */
  async function parsed(schema, value) {
    try {
      return await schema.safeParseAsync(value); // the function's own
    } catch (error) {
      return { __proto__: null, success: false, error: { __proto__: null, issues: [{ __proto__: null, path: [], message: $.String(error?.message ?? error) }] } };
    }
  }

  kit.getMetadata = async () => {
    const stored = (await $.own(kit.getConnection())).metadata ?? null;
    const schema = kit.run.metadataSchema;
    if (typeof schema?.safeParseAsync !== 'function' || schema._zod?.def?.type === 'void') return stored;
    const result = await $.own(parsed(schema, stored ?? {}));
    if (result.success) return kit.overlay(stored ?? {}, result.data);
    if (!kit.run.warnedOfMetadata) kit.line('warn', `The metadata does not fit the function's schema: ${issuesText(result.error)}`);
    kit.run.warnedOfMetadata = true;
    return stored;
  };

  kit.getIntegration = async (options) => {
    kit.checkAlive();
    const wanted = options?.include;
    const include = wanted === undefined || wanted === null ? $.list() : kit.bare($.parse($.stringify(wanted) ?? '[]'));
    return await $.own(cached(integrations, $.stringify(include), INTEGRATION_MS, () => kit.call('integration', { __proto__: null, include })));
  };

  kit.getWebhookURL = async () => (await $.own(kit.getIntegration({ include: ['webhook'] }))).webhook_url ?? null;

  kit.getEnvironmentVariables = async () => (await $.own(kit.callJson('environmentVariables'))) ?? [];

  kit.getFlowAttributes = () => {
    if (!kit.isSync()) throw new $.Error('There is no current sync to get attributes from');
    return kit.run.attributes ?? {};
  };

  kit.setFieldMapping = (mapping) => {
    kit.line('warn', 'setFieldMapping is deprecated. Please use setMetadata instead.');
    return kit.setMetadata(mapping);
  };

  kit.getFieldMapping = async () => {
    kit.line('warn', 'getFieldMapping is deprecated. Please use getMetadata instead.');
    return (await $.own(kit.getMetadata()))?.fieldMapping || {};
  };
})
