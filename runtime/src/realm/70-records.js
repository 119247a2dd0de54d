(function records(kit, host, $) {
  'use strict';

  const BATCH = 1000;
  const IDS = 100;
  const PAGE = 100;

  /** One JSON text per line. JSON contains no raw line breaks, so the platform can split the lines without parsing. */
  function lines(list, from, to) {
    let text = '';
    for (let at = from; at < to; at++) text += at === from ? recordText(list[at], at) : `\n${recordText(list[at], at)}`;
    return text;
  }

  function recordText(record, index) {
    try {
      return $.stringify(withoutMetadata(record)) ?? 'null';
    } catch (error) {
      throw new $.Error(`The record at index ${index} (id ${$.String(record.id)}) has no JSON form: ${error.message}`);
    }
  }

  /** Removed from the caller's own object, because existing functions may rely on that; from a copy if the object is frozen. */
  function withoutMetadata(record) {
    if (!$.isObject(record) || !('_nango_metadata' in record) || $.deleteProperty(record, '_nango_metadata')) return record;
    const { _nango_metadata: _, ...rest } = record;
    return rest;
  }

  async function named(send, what) {
    try {
      return await $.own(send());
    } catch (error) {
      if (kit.isSdkError(error)) throw error;
      throw new $.Error(`Failed to ${what} records: ${error.message}`);
    }
  }

  const modelHead = (model) => ({ __proto__: null, model: typeof model === 'string' || model === undefined ? model : $.String(model) });

  function refuseNoArray(list, verb) {
    if (!$.isObject(list) || $.isArray(list)) return;
    const kind = $.slice($.tagText(list), 8, -1);
    const name = `batch${$.toUpperCase(verb[0])}${$.slice(verb, 1)}`;
    throw new $.TypeError(`${name} takes an array of records, not ${$.test(/^[AEIOU]/, kind) ? 'an' : 'a'} ${kind}`);
  }

  const batch = (verb) => async (list, model) => {
    kit.checkAlive();
    refuseNoArray(list, verb);
    const count = list?.length ?? 0;
    for (let at = 0; at < count; at += BATCH) {
      kit.checkAlive();
      await $.own(named(() => kit.call(`records.${verb}`, modelHead(model), lines(list, at, $.Math_min(count, at + BATCH))), verb));
    }
    return true;
  };

  kit.batchSave = batch('save');
  kit.batchSend = kit.batchSave;
  kit.batchUpdate = batch('update');
  kit.batchDelete = batch('delete');

  kit.getRecordsByIds = async (ids, model) => {
    kit.checkAlive();
    const found = new $.Map();
    const count = ids?.length ?? 0;
    for (let from = 0; from < count; from += IDS) {
      const asked = $.list();
      for (let at = from; at < count && at < from + IDS; at++) asked[asked.length] = $.String(ids[at]);
      const head = modelHead(model);
      head.ids = asked;
      const stored = (await $.own(kit.callJson('records.get', head))) ?? [];
      const byId = { __proto__: null };
      $.each(stored, (record) => {
        byId[$.String(record.id)] = record;
      });
      $.each(asked, (id, at) => {
        if (id in byId) $.Map_set(found, ids[from + at], byId[id]);
      });
    }
    return found;
  };

  kit.listRecords = async function* listRecords(model, options) {
    let cursor = options?.cursor;
    do {
      kit.checkAlive();
      const head = modelHead(model);
      head.cursor = typeof cursor === 'string' ? cursor : undefined;
      head.limit = PAGE;
      const page = await $.own(kit.callJson('records.list', head));
      for (let at = 0; at < page.records.length; at++) yield page.records[at];
      cursor = page.next_cursor;
    } while (cursor);
  };

  const strategies = { __proto__: null };

  kit.setMergingStrategy = async (merging, model) => {
    kit.checkAlive();
    const strategy = merging?.strategy;
    if (strategy !== 'override' && strategy !== 'ignore_if_modified_after') throw new $.Error(`Unsupported merging strategy: ${$.String(strategy)}`);
    const head = modelHead(model);
    if (head.model in strategies) {
      if (strategies[head.model] !== strategy) kit.line('warn', `The merging strategy of ${head.model} is already set and stays ${strategies[head.model]}`);
      return;
    }
    strategies[head.model] = strategy;
    head.strategy = strategy;
    await $.own(kit.call('records.strategy', head));
  };

  const keys = (method) => async (model) => {
    kit.checkAlive();
    const { head } = await $.own(kit.call(method, modelHead(model)));
    return { deletedKeys: kit.shown(head.deletedKeys ?? []) };
  };

  kit.trackDeletesStart = async (model) => {
    kit.checkAlive();
    await $.own(kit.call('records.trackStart', modelHead(model)));
  };
  kit.trackDeletesEnd = keys('records.trackEnd');
  kit.deleteRecordsFromPreviousExecutions = keys('records.deletePrevious');
})
