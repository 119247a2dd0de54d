// Runs in the realm of a bundle that was just evaluated and returns its definition as JSON text. The schemas are objects of the bundle, so
// only code of its own realm may use them.
(function describe(kit) {
  'use strict';

  const { $ } = kit;
  const TEXTS = ['type', 'description', 'version', 'frequency', 'event', 'syncType'];

  /** Dates become ISO texts, and nothing becomes null, whatever zod would do. */
  function override({ zodSchema, jsonSchema }) {
    const { type } = zodSchema._zod.def;
    if (type === 'date') Object.assign(jsonSchema, { type: 'string', format: 'date-time' });
    if (type === 'void') Object.assign(jsonSchema, { type: 'null' });
  }

  function schemaOf(schema, what) {
    if (!$.isObject(schema?._zod)) throw new Error(`${what} is not a zod schema`);
    const { $schema: _, ...json } = kit.require('zod').toJSONSchema(schema, { target: 'draft-7', unrepresentable: 'any', io: 'output', override });
    return json;
  }

  function modelsOf(models) {
    if (!$.isObject(models)) return undefined;
    return Object.fromEntries(Object.entries(models).map(([name, schema]) => [name, schemaOf(schema, `models.${name}`)]));
  }

  function described(definition) {
    const result = Object.fromEntries(TEXTS.filter((key) => definition[key] !== undefined).map((key) => [key, definition[key]]));
    for (const key of ['metadata', 'input', 'output']) {
      if (definition[key] !== undefined) result[key] = schemaOf(definition[key], key);
    }
    return {
      ...result,
      models: modelsOf(definition.models),
      autoStart: definition.autoStart === true,
      trackDeletes: definition.trackDeletes === true,
      endpoints: definition.endpoints ?? (definition.endpoint ? [definition.endpoint] : []),
      scopes: definition.scopes ?? [],
      webhookSubscriptions: definition.webhookSubscriptions ?? [],
      handlers: ['exec', 'onWebhook'].filter((name) => typeof definition[name] === 'function'),
    };
  }

  function read() {
    if (kit.loadError) throw kit.loadError.error;
    if (!kit.isEvaluated) throw new Error('it did not finish loading');
    const definition = kit.module.exports?.default;
    if (!$.isObject(definition)) return { error: { type: 'nango_invalid_default_export', message: 'The default export must be a createSync, createAction or createOnEvent call' } };
    return { definition: described(definition) };
  }

  kit.describe = () => {
    try {
      return $.stringify(read());
    } catch (error) {
      return $.stringify({ __proto__: null, error: { __proto__: null, type: 'load_failed', message: `The function cannot be loaded: ${kit.messageOf(error)}` } });
    }
  };
})
