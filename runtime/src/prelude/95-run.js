(function running(kit) {
  'use strict';

  const MAX_OUTPUT = 2_097_152;
  const TYPES = { sync: 'sync', webhook: 'sync', action: 'action', 'on-event': 'onEvent' };

  function checked(definition) {
    if (!String(kit.run.sdkVersion ?? '').includes('-zero')) throw new Error('Invalid script configuration');
    if (definition.type !== TYPES[kit.run.scriptType]) throw new Error(`Incorrect script loaded for ${kit.run.scriptType}`);
    const handler = kit.run.scriptType === 'webhook' ? 'onWebhook' : 'exec';
    if (typeof definition[handler] !== 'function') throw new Error(`Missing ${handler} function`);
    return handler;
  }

  /** Resolves what a bundle exports to a call; the receiver of `exec` is its definition, as stack traces show. */
  function entry() {
    if (kit.loadError) throw kit.loadError.error;
    const exported = kit.exports?.default;
    if (typeof exported === 'function') {
      if (kit.run.scriptType !== 'webhook') return exported;
      const legacy = kit.exports.onWebhookPayloadReceived;
      if (typeof legacy !== 'function') throw new Error('Missing onWebhook function');
      return legacy;
    }
    if (!kit.isObject(exported)) throw new Error('Invalid script exports');
    const handler = checked(exported);
    kit.run.metadataSchema = exported.metadata;
    return (...args) => exported[handler](...args);
  }

  function outputText(output) {
    const text = kit.stringify(output) ?? 'null';
    const size = kit.Buffer.byteLength(text);
    if (size > MAX_OUTPUT) {
      throw new Error(`Output size is too large: ${size} bytes. Maximum allowed size is ${MAX_OUTPUT} bytes (2MB). Return less, or return a reference to the data.`);
    }
    return text;
  }

  /** Runs the function once; always ends in exactly one call of `done` or `failed`. */
  kit.start = async (headText, done, failed) => {
    try {
      const { nango = {}, paginate, loggerLevel, input, ...run } = kit.parse(headText);
      Object.assign(kit.run, run, { nango, paginate, attributes: nango.attributes });
      kit.startLogger(loggerLevel);
      const call = entry();
      const given = input === undefined || input === null ? null : kit.parse(input);
      const args = ['action', 'webhook'].includes(kit.run.scriptType) ? [kit.view(), given ?? {}] : [kit.view()];
      const output = await call(...args);
      done(kit.run.scriptType === 'action' ? outputText(output) : '');
    } catch (error) {
      failed(kit.stringify(kit.failure(error)));
    }
  };
})
