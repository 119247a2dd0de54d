/** The process behind describe.mjs: bundles on stdin, what they define on stdout, JSON both ways. */
import { text } from 'node:stream/consumers';
import { compile, newRealm } from '../context.mjs';
import { library } from '../library.mjs';
import { lockdown } from '../lockdown.mjs';

const PORT = { call: (...args) => args.at(-1)(undefined), notify: () => undefined, aborted: () => true, startTimer: () => undefined, place: () => '' };
const TEXTS = ['type', 'description', 'version', 'frequency', 'event', 'syncType'];
const isObject = (value) => typeof value === 'object' && value !== null;

/** Dates travel as ISO texts and nothing travels as null, whatever zod thinks of JSON's means to say so. */
function override({ zodSchema, jsonSchema }) {
  const { type } = zodSchema._zod.def;
  if (type === 'date') Object.assign(jsonSchema, { type: 'string', format: 'date-time' });
  if (type === 'void') Object.assign(jsonSchema, { type: 'null' });
}

function schemaOf(schema, what) {
  if (!isObject(schema?._zod)) throw new Error(`${what} is not a zod schema`);
  const { $schema: _, ...json } = library('zod').toJSONSchema(schema, { target: 'draft-7', unrepresentable: 'any', io: 'output', override });
  return json;
}

function modelsOf(models) {
  if (!isObject(models)) return undefined;
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

function read({ file, js }) {
  try {
    const { kit, context } = newRealm(PORT);
    kit.evaluate(compile(js, file).runInContext(context));
    if (kit.loadError) throw kit.loadError.error;
    const definition = kit.exports?.default;
    if (!isObject(definition)) return { error: { type: 'nango_invalid_default_export', message: 'The default export must be a createSync, createAction or createOnEvent call' } };
    return { definition: described(definition) };
  } catch (error) {
    return { error: { type: 'load_failed', message: `The function cannot be loaded: ${String(error?.message ?? error)}` } };
  }
}

const entries = JSON.parse(await text(process.stdin));
lockdown();
process.stdout.write(JSON.stringify(entries.map(read)));
