(function view(kit, host, $) {
  'use strict';

  const names = (...list) => {
    const set = { __proto__: null };
    $.each(list, (name) => {
      set[name] = true;
    });
    return $.freeze(set);
  };

  const FORBIDDEN = names(
    'nango', 'persistClient', 'telemetryRecorder', 'locking', 'checkpointing', 'checkpointKey', 'integrationConfig',
    'memoizedConnections', 'memoizedIntegration', 'attributes', 'telemetryBag', 'abortSignal', 'lifecycle', 'getProxyConfig',
    'throwIfAbortedOrKilled', 'throwIfInterrupted', 'shouldLog', 'validateRecords', 'removeMetadata', 'modelFullName',
    'sendLogToPersist', 'logAPICall', 'getMergingStrategy', 'setMergingStrategyByModel', 'trackDeletesKey', 'fetchRecordsPage',
    'getCheckpointRange', 'clearRecordsIfNeeded', 'batchSize', 'getRecordsBatchSize', 'mergingByModel', 'httpLogSample',
    '__proto__', 'constructor',
  );

  const EVERYWHERE = names(
    'proxy', 'get', 'post', 'put', 'patch', 'delete', 'paginate', 'uncontrolledFetch', 'getConnection', 'getToken', 'getMetadata',
    'setMetadata', 'updateMetadata', 'getIntegration', 'getWebhookURL', 'getEnvironmentVariables', 'log', 'setLogger',
    'zodValidateInput', 'ActionError', 'triggerAction', 'triggerSync', 'startSync', 'tryAcquireLock', 'releaseLock', 'releaseAllLocks',
    'getCheckpoint', 'saveCheckpoint', 'clearCheckpoint', 'getFlowAttributes', 'setFieldMapping', 'getFieldMapping', 'getVariant',
  );

  const SYNCS = names(
    'batchSave', 'batchSend', 'batchUpdate', 'batchDelete', 'getRecordsByIds', 'listRecords', 'setMergingStrategy',
    'trackDeletesStart', 'trackDeletesEnd', 'deleteRecordsFromPreviousExecutions',
  );

  /** What a bundle function gets, by its capabilities. */
  const IN_BUNDLES = names('log', 'setLogger', 'getEnvironmentVariables');
  const CAPABILITIES = $.freeze({
    __proto__: null,
    connection: names('getConnection', 'getToken', 'getIntegration', 'getVariant'),
    outbound: names('proxy', 'get', 'post', 'put', 'patch', 'delete', 'paginate', 'uncontrolledFetch'),
    metadata: names('getMetadata', 'setMetadata', 'updateMetadata'),
    checkpoints: names('getCheckpoint', 'saveCheckpoint', 'clearCheckpoint'),
    records: SYNCS,
  });

  const check = (name) => {
    if (name in FORBIDDEN) throw new $.Error(`Access to "${$.String(name)}" is not allowed.`);
  };

  const guard = $.freeze({
    __proto__: null,
    get: (target, name) => {
      check(name);
      return target[name];
    },
    set: (target, name, value) => {
      check(name);
      return $.set(target, name, value);
    },
    has: (target, name) => !(name in FORBIDDEN) && name in target,
    defineProperty: (target, name, descriptor) => {
      check(name);
      return $.defineProperty(target, name, descriptor);
    },
    getOwnPropertyDescriptor: (target, name) => (name in FORBIDDEN ? undefined : $.descriptorOf(target, name)),
    getPrototypeOf: () => null,
    setPrototypeOf: () => false,
  });

  kit.isBundle = () => kit.run.scriptType === 'function';
  kit.getVariant = () => kit.run.nango.variant ?? 'base';
  kit.isSync = () => kit.run.scriptType === 'sync' || kit.run.scriptType === 'webhook';

  /** The object that a function gets: plain properties and bound methods, behind a proxy that refuses the forbidden names. */
  kit.view = () => {
    const target = {}; // `${nango}` and nango.hasOwnProperty(…) work, as they do for any object
    const put = (name, value) => $.define(target, name, value, true);
    $.each($.keys(kit.run.nango), (name) => {
      if (name !== 'attributes' && name !== 'lastSyncDate') put(name, kit.shown(kit.run.nango[name]));
    });
    if (kit.run.nango.lastSyncDate) put('lastSyncDate', new $.Date(kit.run.nango.lastSyncDate));
    const logger = { __proto__: null, get: () => ({ level: kit.run.loggerLevel }), enumerable: true, configurable: true };
    $.defineProperty(target, 'logger', logger);
    const methods = (set) => $.each($.keys(set), (name) => put(name, kit[name]));
    if (kit.isBundle()) {
      methods(IN_BUNDLES);
      $.each(kit.run.capabilities ?? [], (name) => methods(CAPABILITIES[name]));
      return new $.Proxy(target, guard);
    }
    methods(EVERYWHERE);
    if (kit.isSync()) {
      if (target.variant === undefined) put('variant', 'base');
      methods(SYNCS);
    }
    return new $.Proxy(target, guard);
  };
})
