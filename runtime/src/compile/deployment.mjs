/** Converts described functions to the body of a deployment, and reports what prevents a deployment. */
import { frequencyProblem } from './frequency.mjs';
import { CompileError } from './project.mjs';

const MODEL = /^[A-Z][a-zA-Z0-9_]+$/;
const EVENTS = ['post-connection-creation', 'pre-connection-deletion', 'validate-connection'];
const CHECKPOINTS = /\bnango\s*\.\s*(get|save|clear)Checkpoint\s*\(/;

const suffix = ({ integration, name }) => `${integration.replace(/[^a-zA-Z0-9]/g, '_')}_${name.replace(/[^a-zA-Z0-9]/g, '')}`;
const bodies = ({ js, source }) => ({ js, ts: source });
const features = ({ source }) => (CHECKPOINTS.test(source) ? ['checkpoints'] : []);

function check(entry, condition, type, message) {
  if (!condition) throw new CompileError(entry.file, type, message);
}

function checkCommon(entry) {
  const { definition } = entry;
  check(entry, definition.type === entry.type, 'wrong_folder', `${entry.file} defines a function of type ${definition.type}, but its folder is for ${entry.type}`);
  check(entry, typeof definition.description === 'string', 'missing_description', 'A description is required');
  check(entry, definition.handlers.includes('exec'), 'missing_exec', 'An exec function is required');
}

/** The fields of a union, for example, are unknown before there are records. */
const hasId = ({ properties }) => !properties || properties.id;

function checkSync(entry) {
  const { definition } = entry;
  const names = Object.keys(definition.models ?? {});
  check(entry, definition.models, 'missing_models', 'models is required');
  for (const name of names) check(entry, MODEL.test(name), 'invalid_model_name', `The model name '${name}' must match ${MODEL.source}`);
  for (const name of names) check(entry, hasId(definition.models[name]), 'missing_id', `The model ${name} needs an id`);
  check(entry, typeof definition.frequency === 'string', 'missing_frequency', 'A frequency is required');
  const problem = frequencyProblem(definition.frequency);
  check(entry, !problem, 'invalid_frequency', problem);
  check(entry, definition.endpoints.length === 0 || definition.endpoints.length === names.length, 'endpoint_mismatch', 'There must be one endpoint per model, or none');
  check(entry, !(definition.trackDeletes && definition.syncType === 'incremental'), 'invalid_track_deletes', 'trackDeletes cannot be combined with an incremental sync');
}

function syncConfig(entry) {
  const { definition, integration, name } = entry;
  checkSync(entry);
  const metadata = definition.metadata ? { [`SyncMetadata_${suffix(entry)}`]: definition.metadata } : {};
  const [input] = Object.keys(metadata);
  return {
    syncName: name,
    providerConfigKey: integration,
    models: Object.keys(definition.models),
    version: definition.version ?? '',
    runs: definition.frequency,
    track_deletes: definition.trackDeletes,
    auto_start: definition.autoStart,
    attributes: {},
    metadata: { description: definition.description, scopes: definition.scopes },
    ...(input ? { input } : {}),
    sync_type: definition.syncType ?? 'full',
    type: 'sync',
    fileBody: bodies(entry),
    endpoints: definition.endpoints,
    webhookSubscriptions: definition.webhookSubscriptions,
    models_json_schema: { definitions: { ...definition.models, ...metadata } },
    features: features(entry),
  };
}

function actionConfig(entry) {
  const { definition, integration, name } = entry;
  check(entry, definition.input, 'missing_input', 'An input schema is required');
  check(entry, definition.output, 'missing_output', 'An output schema is required');
  const input = `ActionInput_${suffix(entry)}`;
  const output = `ActionOutput_${suffix(entry)}`;
  return {
    syncName: name,
    providerConfigKey: integration,
    models: [output],
    version: definition.version ?? '',
    runs: null,
    metadata: { description: definition.description, scopes: definition.scopes },
    input,
    type: 'action',
    fileBody: bodies(entry),
    endpoints: definition.endpoints,
    track_deletes: false,
    models_json_schema: { definitions: { [input]: definition.input, [output]: definition.output } },
    features: features(entry),
  };
}

function eventScript(entry) {
  const { event } = entry.definition;
  check(entry, EVENTS.includes(event), 'invalid_event', `The event '${event}' is not one of ${EVENTS.join(', ')}`);
  return { name: entry.name, fileBody: bodies(entry), event };
}

function checkUnique(entry, seen) {
  const mine = entry.type === 'sync' ? Object.keys(entry.definition.models ?? {}).map((name) => `model ${name}`) : [];
  for (const { method, path } of entry.definition.endpoints) mine.push(`endpoint ${method} ${path}`);
  for (const key of mine) {
    check(entry, !seen.has(key), 'duplicate', `The ${key} is used twice in ${entry.integration}`);
    seen.add(key);
  }
}

/**
 * @param {object[]} entries described functions
 * @param {(error: CompileError) => void} report takes what is wrong, one function at a time
 */
export function deployment(entries, report) {
  const seen = new Map();
  const made = { sync: [], action: [], onEvent: [] };
  const make = { sync: syncConfig, action: actionConfig, onEvent: eventScript };
  for (const entry of entries) {
    try {
      check(entry, !entry.error, entry.error?.type, entry.error?.message);
      checkCommon(entry);
      if (!seen.has(entry.integration)) seen.set(entry.integration, new Set());
      checkUnique(entry, seen.get(entry.integration));
      made[entry.type].push({ integration: entry.integration, value: make[entry.type](entry) });
    } catch (error) {
      report(error);
    }
  }
  const of = (type, integration) => made[type].filter((item) => item.integration === integration).map(({ value }) => value);
  const integrations = [...new Set(entries.map(({ integration }) => integration))];
  return {
    flowConfigs: integrations.flatMap((integration) => [...of('sync', integration), ...of('action', integration)]),
    onEventScriptsByProvider: integrations
      .map((integration) => ({ providerConfigKey: integration, scripts: of('onEvent', integration) }))
      .filter(({ scripts }) => scripts.length > 0),
  };
}
