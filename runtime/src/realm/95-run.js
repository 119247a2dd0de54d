(function running(kit, host, $) {
  'use strict';

  const MAX_OUTPUT = 2_097_152;
  /** The maximum depth that the platform accepts; V8 writes any depth. */
  const MAX_DEPTH = 1_000;
  const TYPES = $.freeze({ __proto__: null, sync: 'sync', webhook: 'sync', action: 'action', 'on-event': 'onEvent', function: 'function' });
  const isDeeper = kit.guarded(host.isDeeper);
  const done = kit.guarded(host.done);
  const failed = kit.guarded(host.failed);

  function checked(definition) {
    // Bundles are deployed without the version of the SDK.
    if (!kit.isBundle() && $.indexOf($.String(kit.run.sdkVersion ?? ''), '-zero') < 0) throw new $.Error('Invalid script configuration');
    if (definition.type !== TYPES[kit.run.scriptType]) throw new $.Error(`Incorrect script loaded for ${kit.run.scriptType}`);
    const handler = kit.run.scriptType === 'webhook' ? 'onWebhook' : 'exec';
    if (typeof definition[handler] !== 'function') throw new $.Error(`Missing ${handler} function`);
    return handler;
  }

  /** Resolves the exports of a bundle to a call; the receiver of `exec` is its definition, as stack traces show. */
  function entry() {
    if (kit.loadError) throw kit.loadError.error;
    if (!kit.isEvaluated) throw new $.Error('The module did not finish loading');
    const { exports } = kit.module;
    const exported = exports?.default;
    if (typeof exported === 'function' && !kit.isBundle()) {
      if (kit.run.scriptType !== 'webhook') return exported;
      const legacy = exports.onWebhookPayloadReceived;
      if (typeof legacy !== 'function') throw new $.Error('Missing onWebhook function');
      return legacy;
    }
    if (!$.isObject(exported)) throw new $.Error('Invalid script exports');
    const handler = checked(exported);
    kit.run.metadataSchema = kit.isBundle() ? exported.data?.metadata : exported.metadata;
    return (nango, input) => exported[handler](nango, input);
  }

  function outputText(output) {
    const text = $.stringify(output) ?? 'null';
    const size = kit.sizeOf(text, 'utf8');
    if (size > MAX_OUTPUT) {
      throw new $.Error(`Output size is too large: ${size} bytes. Maximum allowed size is ${MAX_OUTPUT} bytes (2MB). Return less, or return a reference to the data.`);
    }
    if (isDeeper(text, MAX_DEPTH)) throw new $.Error(`The output is nested too deeply: more than ${MAX_DEPTH} arrays and objects lie in each other. Return something flatter.`);
    return text;
  }

  async function perform(headText) {
    const { nango, paginate, loggerLevel, input, ...run } = kit.parseBare(headText);
    $.each($.keys(run), (name) => {
      kit.run[name] = run[name];
    });
    kit.run.nango = nango ?? { __proto__: null };
    kit.run.paginate = paginate;
    kit.run.attributes = kit.shown(kit.run.nango.attributes);
    kit.startLogger(loggerLevel);
    const call = entry();
    const answers = kit.run.scriptType === 'action' || kit.isBundle();
    const takesInput = answers || kit.run.scriptType === 'webhook';
    const given = typeof input === 'string' ? $.parse(input) : null;
    const output = await (takesInput ? call(kit.view(), given ?? {}) : call(kit.view())); // the function's own
    return answers ? outputText(output) : '';
  }

  /** Runs the function once, as a task of the realm; always ends with exactly one call of `done` or `failed`. */
  kit.start = (headText) => void $.later(async () => {
    try {
      done(await $.own(perform(headText)));
    } catch (error) {
      failed(kit.failureText(error));
    }
  });
})
