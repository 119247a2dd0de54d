(function state(kit, host, $) {
  'use strict';

  const MAX_NAME = 255;
  const ANYWAY = $.freeze({ __proto__: null, last: true });

  kit.getCheckpoint = async () => {
    kit.checkAlive();
    return await $.own(kit.callJson('checkpoint.get'));
  };

  async function checkpoint(what, call) {
    try {
      await $.own(call);
    } catch (error) {
      if (kit.isSdkError(error)) throw error;
      throw new $.Error(`Error ${what} checkpoint: ${error.message}`);
    }
    kit.checkAlive();
  }

  // Progress is stored even if the run has just been cancelled: write first, then stop.
  kit.saveCheckpoint = async (value) => {
    let text;
    try {
      text = $.stringify(value);
    } catch (error) {
      throw new $.Error(`Error saving checkpoint: ${error.message}`);
    }
    await $.own(checkpoint('saving', kit.call('checkpoint.save', undefined, text, ANYWAY)));
  };

  kit.clearCheckpoint = async () => {
    kit.checkAlive();
    await $.own(checkpoint('clearing', kit.call('checkpoint.clear')));
  };

  function lockKey(key) {
    if (typeof key !== 'string' || key.length === 0 || key.length > MAX_NAME) {
      throw new $.Error(`Invalid lock key (must be between 1 and ${MAX_NAME} characters)`);
    }
    return key;
  }

  kit.tryAcquireLock = async ({ key, ttlMs }) => {
    kit.checkAlive();
    if (!($.Number(ttlMs) > 0)) throw new $.Error('Invalid lock TTL (must be greater than 0)');
    return (await $.own(kit.call('lock.acquire', { __proto__: null, key: lockKey(key), ttlMs: $.Number(ttlMs) }))).head.ok === true;
  };

  kit.releaseLock = async ({ key }) => {
    const released = (await $.own(kit.call('lock.release', { __proto__: null, key: lockKey(key) }, undefined, ANYWAY))).head.ok === true;
    kit.checkAlive();
    return released;
  };

  kit.releaseAllLocks = async () => {
    await $.own(kit.call('lock.releaseAll', undefined, undefined, ANYWAY));
    kit.checkAlive();
  };
})
