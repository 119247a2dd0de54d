(function connection(kit) {
  'use strict';

  const CONNECTION_MS = 60_000;
  const INTEGRATION_MS = 600_000;
  const { now } = Date;
  const connections = new Map();
  const integrations = new Map();

  kit.forgetConnections = () => connections.clear();

  /** Keeps JSON text, not objects: what one reader changes no other reader sees. */
  async function cached(cache, key, ms, load) {
    const entry = cache.get(key);
    if (entry && now() - entry.at < ms) return kit.parse(entry.text);
    const { body } = await load();
    const text = body.toString('utf8');
    cache.set(key, { text, at: now() });
    return kit.parse(text);
  }

  const pair = (providerConfigKey, connectionId) => kit.stringify([providerConfigKey, connectionId]);
  const own = () => pair(kit.run.nango.providerConfigKey, kit.run.nango.connectionId);

  kit.getConnection = async (providerConfigKey, connectionId, options) => {
    kit.checkAlive();
    const key = pair(providerConfigKey || kit.run.nango.providerConfigKey, connectionId || kit.run.nango.connectionId);
    const wishes = {
      forceRefresh: options?.forceRefresh === true,
      refreshToken: options?.refreshToken === true,
      refreshGithubAppJwtToken: options?.refreshGithubAppJwtToken === true,
    };
    if (Object.values(wishes).includes(true)) connections.delete(key);
    const [integration, id] = kit.parse(key);
    return cached(connections, key, CONNECTION_MS, () => kit.call('connection', { providerConfigKey: integration, connectionId: id, ...wishes }));
  };

  kit.getToken = async () => {
    kit.checkAlive();
    return kit.callJson('token');
  };

  async function changeMetadata(method, metadata) {
    kit.checkAlive();
    try {
      const { head, body } = await kit.call(method, {}, kit.stringify(metadata) ?? 'null');
      const data = body.length === 0 ? null : kit.parse(body.toString('utf8'));
      const response = {
        data, status: head.status ?? 200, statusText: head.statusText ?? 'OK', headers: new kit.ResponseHeaders(head.headers), config: {}, request: {},
      };
      if (response.status < 200 || response.status > 299) throw kit.platformError(response);
      return response;
    } finally {
      connections.delete(own());
    }
  }

  kit.setMetadata = (metadata) => changeMetadata('metadata.set', metadata);
  kit.updateMetadata = (metadata) => changeMetadata('metadata.update', metadata);

  /** The stored value with the schema's defaults and coercions laid over it; keys the schema does not name survive. */
  kit.overlay = (stored, parsed) => {
    if (kit.isPlain(stored) && kit.isPlain(parsed) && !(parsed instanceof Date)) {
      const merged = { ...stored };
      for (const key of Object.keys(parsed)) merged[key] = Object.hasOwn(stored, key) ? kit.overlay(stored[key], parsed[key]) : parsed[key];
      return merged;
    }
    if (Array.isArray(stored) && Array.isArray(parsed) && stored.length === parsed.length) {
      return parsed.map((item, index) => kit.overlay(stored[index], item));
    }
    return parsed;
  };

  const issuesText = (error) => error.issues.map((issue) => `${issue.path.join('.') || '(root)'}: ${issue.message}`).join('; ');

  async function parsed(schema, value) {
    try {
      return await schema.safeParseAsync(value);
    } catch (error) {
      return { success: false, error: { issues: [{ path: [], message: String(error?.message ?? error) }] } };
    }
  }

  kit.getMetadata = async () => {
    const stored = (await kit.getConnection()).metadata ?? null;
    const schema = kit.run.metadataSchema;
    if (typeof schema?.safeParseAsync !== 'function' || schema._zod?.def?.type === 'void') return stored;
    const result = await parsed(schema, stored ?? {});
    if (result.success) return kit.overlay(stored ?? {}, result.data);
    if (!kit.run.warnedOfMetadata) kit.line('warn', `The metadata does not fit the function's schema: ${issuesText(result.error)}`);
    kit.run.warnedOfMetadata = true;
    return stored;
  };

  kit.getIntegration = async (options) => {
    kit.checkAlive();
    const include = options?.include ?? [];
    return cached(integrations, kit.stringify(include), INTEGRATION_MS, () => kit.call('integration', { include }));
  };

  kit.getWebhookURL = async () => (await kit.getIntegration({ include: ['webhook'] })).webhook_url ?? null;

  kit.getEnvironmentVariables = async () => (await kit.callJson('environmentVariables')) ?? [];

  kit.getFlowAttributes = () => {
    if (!['sync', 'webhook'].includes(kit.run.scriptType)) throw new Error('There is no current sync to get attributes from');
    return kit.run.attributes ?? {};
  };

  kit.setFieldMapping = (mapping) => {
    kit.line('warn', 'setFieldMapping is deprecated. Please use setMetadata instead.');
    return kit.setMetadata(mapping);
  };

  kit.getFieldMapping = async () => {
    kit.line('warn', 'getFieldMapping is deprecated. Please use getMetadata instead.');
    return (await kit.getMetadata())?.fieldMapping || {};
  };
})
