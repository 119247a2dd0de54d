(function state(kit) {
  'use strict';

  const MAX_NAME = 255;

  kit.getCheckpoint = async () => {
    kit.checkAlive();
    return kit.callJson('checkpoint.get');
  };

  async function checkpoint(what, work) {
    try {
      await work();
    } catch (error) {
      if (error instanceof kit.SdkError) throw error;
      throw new Error(`Error ${what} checkpoint: ${error.message}`);
    }
    kit.checkAlive();
  }

  // Progress that was made is kept even when the run has just been cancelled: write first, then stop.
  kit.saveCheckpoint = (value) => checkpoint('saving', () => kit.call('checkpoint.save', {}, kit.stringify(value), true));

  kit.clearCheckpoint = async () => {
    kit.checkAlive();
    await checkpoint('clearing', () => kit.call('checkpoint.clear'));
  };

  function lockKey(key) {
    if (typeof key !== 'string' || key.length === 0 || key.length > MAX_NAME) {
      throw new Error(`Invalid lock key (must be between 1 and ${MAX_NAME} characters)`);
    }
    return key;
  }

  kit.tryAcquireLock = async ({ key, ttlMs }) => {
    kit.checkAlive();
    if (!(Number(ttlMs) > 0)) throw new Error('Invalid lock TTL (must be greater than 0)');
    return (await kit.call('lock.acquire', { key: lockKey(key), ttlMs: Number(ttlMs) })).head.ok === true;
  };

  kit.releaseLock = async ({ key }) => {
    const released = (await kit.call('lock.release', { key: lockKey(key) }, undefined, true)).head.ok === true;
    kit.checkAlive();
    return released;
  };

  kit.releaseAllLocks = async () => {
    await kit.call('lock.releaseAll', {}, undefined, true);
    kit.checkAlive();
  };
})
