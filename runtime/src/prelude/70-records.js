(function records(kit) {
  'use strict';

  const SLICE = 1000;
  const IDS = 100;
  const PAGE = 100;
  const STRATEGIES = ['override', 'ignore_if_modified_after'];

  /** One JSON text per line: JSON never holds a raw line break, so the platform can cut without parsing. */
  function lines(slice, start) {
    return slice.map((record, index) => {
      try {
        return kit.stringify(withoutMetadata(record)) ?? 'null';
      } catch (error) {
        throw new Error(`The record at index ${start + index} (id ${String(record.id)}) has no JSON form: ${error.message}`);
      }
    }).join('\n');
  }

  /** Taken off the caller's own object, as functions in the wild may expect; off a copy where that is frozen. */
  function withoutMetadata(record) {
    if (!kit.isObject(record) || !('_nango_metadata' in record) || Reflect.deleteProperty(record, '_nango_metadata')) return record;
    const { _nango_metadata: _, ...rest } = record;
    return rest;
  }

  async function named(work, what) {
    try {
      return await work();
    } catch (error) {
      if (error instanceof kit.SdkError) throw error;
      throw new Error(`Failed to ${what} records: ${error.message}`);
    }
  }

  const batch = (verb) => async (list, model) => {
    kit.checkAlive();
    if (kit.isObject(list) && !Array.isArray(list)) {
      const [, kind] = /^\[object (.*)\]$/.exec(Object.prototype.toString.call(list));
      throw new TypeError(`batch${verb[0].toUpperCase()}${verb.slice(1)} takes an array of records, not ${/^[AEIOU]/.test(kind) ? 'an' : 'a'} ${kind}`);
    }
    for (let at = 0; at < (list?.length ?? 0); at += SLICE) {
      kit.checkAlive();
      await named(() => kit.call(`records.${verb}`, { model }, lines(list.slice(at, at + SLICE), at)), verb);
    }
    return true;
  };

  kit.batchSave = batch('save');
  kit.batchSend = kit.batchSave;
  kit.batchUpdate = batch('update');
  kit.batchDelete = batch('delete');

  kit.getRecordsByIds = async (ids, model) => {
    kit.checkAlive();
    const found = new Map();
    for (let at = 0; at < (ids?.length ?? 0); at += IDS) {
      const slice = ids.slice(at, at + IDS);
      const stored = (await kit.callJson('records.get', { model, ids: slice.map(String) })) ?? [];
      const byId = new Map(stored.map((record) => [String(record.id), record]));
      for (const id of slice) if (byId.has(String(id))) found.set(id, byId.get(String(id)));
    }
    return found;
  };

  kit.listRecords = async function* listRecords(model, options) {
    let cursor = options?.cursor;
    do {
      kit.checkAlive();
      const page = await kit.callJson('records.list', { model, cursor, limit: PAGE });
      yield* page.records;
      cursor = page.next_cursor;
    } while (cursor);
  };

  const strategies = new Map();

  kit.setMergingStrategy = async (merging, model) => {
    kit.checkAlive();
    const strategy = merging?.strategy;
    if (!STRATEGIES.includes(strategy)) throw new Error(`Unsupported merging strategy: ${strategy}`);
    if (strategies.has(model)) {
      if (strategies.get(model) !== strategy) kit.line('warn', `The merging strategy of ${model} is already set and stays ${strategies.get(model)}`);
      return;
    }
    strategies.set(model, strategy);
    await kit.call('records.strategy', { model, strategy });
  };

  const keys = (method) => async (model) => {
    kit.checkAlive();
    const { head } = await kit.call(method, { model });
    return { deletedKeys: head.deletedKeys ?? [] };
  };

  kit.trackDeletesStart = async (model) => {
    kit.checkAlive();
    await kit.call('records.trackStart', { model });
  };
  kit.trackDeletesEnd = keys('records.trackEnd');
  kit.deleteRecordsFromPreviousExecutions = keys('records.deletePrevious');
})
