(function view(kit) {
  'use strict';

  const FORBIDDEN = new Set([
    'nango', 'persistClient', 'telemetryRecorder', 'locking', 'checkpointing', 'checkpointKey', 'integrationConfig',
    'memoizedConnections', 'memoizedIntegration', 'attributes', 'telemetryBag', 'abortSignal', 'lifecycle', 'getProxyConfig',
    'throwIfAbortedOrKilled', 'throwIfInterrupted', 'shouldLog', 'validateRecords', 'removeMetadata', 'modelFullName',
    'sendLogToPersist', 'logAPICall', 'getMergingStrategy', 'setMergingStrategyByModel', 'trackDeletesKey', 'fetchRecordsPage',
    'getCheckpointRange', 'clearRecordsIfNeeded', 'batchSize', 'getRecordsBatchSize', 'mergingByModel', 'httpLogSample',
    '__proto__', 'constructor',
  ]);

  const EVERYWHERE = [
    'proxy', 'get', 'post', 'put', 'patch', 'delete', 'paginate', 'uncontrolledFetch', 'getConnection', 'getToken', 'getMetadata',
    'setMetadata', 'updateMetadata', 'getIntegration', 'getWebhookURL', 'getEnvironmentVariables', 'log', 'setLogger',
    'zodValidateInput', 'ActionError', 'triggerAction', 'triggerSync', 'startSync', 'tryAcquireLock', 'releaseLock', 'releaseAllLocks',
    'getCheckpoint', 'saveCheckpoint', 'clearCheckpoint', 'getFlowAttributes', 'setFieldMapping', 'getFieldMapping',
  ];

  const SYNCS = [
    'batchSave', 'batchSend', 'batchUpdate', 'batchDelete', 'getRecordsByIds', 'listRecords', 'setMergingStrategy',
    'trackDeletesStart', 'trackDeletesEnd', 'deleteRecordsFromPreviousExecutions',
  ];

  const refuse = (name) => {
    throw new Error(`Access to "${String(name)}" is not allowed.`);
  };

  const guard = {
    get: (target, name) => (FORBIDDEN.has(name) ? refuse(name) : target[name]),
    set: (target, name, value) => (FORBIDDEN.has(name) ? refuse(name) : Reflect.set(target, name, value)),
    has: (target, name) => !FORBIDDEN.has(name) && name in target,
    defineProperty: (target, name, descriptor) => (FORBIDDEN.has(name) ? refuse(name) : Reflect.defineProperty(target, name, descriptor)),
    getOwnPropertyDescriptor: (target, name) => (FORBIDDEN.has(name) ? undefined : Reflect.getOwnPropertyDescriptor(target, name)),
    getPrototypeOf: () => null,
    setPrototypeOf: () => false,
  };

  /** The object a function gets: plain properties and bound methods, behind a proxy that knows the forbidden names. */
  kit.view = () => {
    const target = {}; // `${nango}` and nango.hasOwnProperty(…) work, as they do for any object
    const { attributes: _, lastSyncDate, ...properties } = kit.run.nango;
    Object.assign(target, properties);
    if (lastSyncDate) target.lastSyncDate = new Date(lastSyncDate);
    Object.defineProperty(target, 'logger', { get: () => ({ ...kit.run.logger }), enumerable: true, configurable: true });
    const isSync = ['sync', 'webhook'].includes(kit.run.scriptType);
    if (isSync) target.variant ??= 'base';
    for (const name of isSync ? [...EVERYWHERE, ...SYNCS] : EVERYWHERE) target[name] = kit[name];
    return new Proxy(target, guard);
  };
})
