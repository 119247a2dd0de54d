import { createSync } from 'nango';
import * as z from 'zod';
import { tell } from '../helpers/tell.js';

const Item = z.object({ id: z.string(), name: z.string().optional(), at: z.string().optional() });

class Contact {
    constructor(
        readonly id: string,
        private readonly first: string,
    ) {}
    get name() { return this.first; }
    toJSON() { return { id: this.id, name: this.name }; }
}

/** Apart from `exec`, whose calls the compiler would want in the order that most functions need. */
async function keepRecords(nango: any): Promise<void> {
    const view = nango as any;
    const stored = async (model: string) => {
        const found = [];
        for await (const record of nango.listRecords(model as any)) found.push(record);
        return found;
    };
    const payload = ({ _nango_metadata, ...rest }: any) => rest;
    const one = async (id: string | number, model = 'Item') => {
        const record = (await nango.getRecordsByIds([id] as any, model as any)).get(id);
        return record ? payload(record) : null;
    };
    const told = await tell({
        'scriptType': () => view.scriptType,
        'variant': () => nango.variant,
        'syncId': () => /^[0-9a-f-]{36}$/.test(view.syncId),
        'syncJobId': () => typeof view.syncJobId,
        'lastSyncDate of the first run': () => nango.lastSyncDate,
        'track_deletes and emptyCache': () => [view.track_deletes, view.emptyCache],
        'syncConfig': () => [view.syncConfig.sync_name, view.syncConfig.type, view.syncConfig.models.includes('Told')],
        'getFlowAttributes': () => view.getFlowAttributes(),
        'getMetadata has the defaults of the schema': async () => (await nango.getMetadata()).limit,
        'batchSave': async () => [await nango.batchSave([{ id: '1', name: 'one' }, { id: '2', name: 'two' }], 'Item'), await one('1')],
        'batchSave of nothing': async () => [await nango.batchSave([], 'Item'), await nango.batchSave(undefined as any, 'Item'), await nango.batchSave(null as any, 'Item')],
        'batchSend': async () => [await (nango as any).batchSend([{ id: '3' }], 'Item'), await one('3')],
        'a number as id': async () => {
            await nango.batchSave([{ id: 4, name: 'four' } as any], 'Item');
            return [await one(4), await one('4')];
        },
        '_nango_metadata is taken off': async () => {
            const record: any = { id: '5', _nango_metadata: { deleted_at: null } };
            await nango.batchSave([record], 'Item');
            return ['_nango_metadata' in record, await one('5')];
        },
        '_nango_metadata of a frozen record': async () => {
            await nango.batchSave([Object.freeze({ id: '5b', _nango_metadata: {} }) as any], 'Item');
            return await one('5b');
        },
        'dates, instances, undefined and NaN': async () => {
            await nango.batchSave([{ id: '6', at: new Date(0), name: undefined, n: NaN, map: new Map() } as any, new Contact('7', 'seven') as any], 'Item');
            return [await one('6'), await one('7')];
        },
        'a BigInt names its record': async () => await nango.batchSave([{ id: 'ok' }, { id: 'big', name: 1n } as any], 'Item'),
        'a circle names its record': async () => {
            const circle: any = { id: 'c' };
            circle.self = circle;
            return await nango.batchSave([circle], 'Item').catch((error: Error) => error.message.split('\n')[0]);
        },
        'what is no list': async () => await nango.batchSave(new Set([{ id: '1' }]) as any, 'Item'),
        'a record without id': async () => await nango.batchSave([{ name: 'x' } as any], 'Item').catch((error: Error) => /^Failed to save records: .*id/.test(error.message)),
        'an undeclared model': async () => await nango.batchSave([{ id: '1' }], 'Nothing' as any),
        'slices of a thousand': async () => {
            await nango.batchSave(Array.from({ length: 2_050 }, (_, i) => ({ id: `s${i}` })), 'Item');
            return [await one('s0'), await one('s2049')];
        },
        'batchUpdate merges': async () => [await nango.batchUpdate([{ id: '1', at: 'now' }], 'Item'), await one('1')],
        'batchUpdate of an unknown record': async () => [await nango.batchUpdate([{ id: 'unknown', name: 'x' }], 'Item'), await one('unknown')],
        'batchDelete': async () => {
            const done = await nango.batchDelete([{ id: '2' }], 'Item');
            const record: any = (await nango.getRecordsByIds(['2'], 'Item' as any)).get('2');
            return [done, record.name, record._nango_metadata.last_action, record._nango_metadata.deleted_at !== null];
        },
        'getRecordsByIds keeps the ids as given': async () => [...(await nango.getRecordsByIds([4, '1', 'none'] as any, 'Item' as any)).keys()],
        'getRecordsByIds of many': async () => (await nango.getRecordsByIds(Array.from({ length: 250 }, (_, i) => `s${i}`), 'Item' as any)).size,
        'getRecordsByIds of none': async () => (await nango.getRecordsByIds([], 'Item' as any)).size,
        'listRecords': async () => {
            const all = await stored('Item');
            return [all.length, typeof all[0]._nango_metadata.cursor];
        },
        'listRecords from a cursor': async () => {
            const all = await stored('Item');
            const rest = [];
            for await (const record of nango.listRecords('Item' as any, { cursor: all[all.length - 3]._nango_metadata.cursor } as any)) rest.push(record.id);
            return rest.length;
        },
        'listRecords of an empty model': () => stored('Previous'),
        'trackDeletes spares what this run saved': async () => {
            await nango.batchSave([{ id: 'a' }, { id: 'b' }, { id: 'c' }], 'Tracked');
            await nango.trackDeletesStart('Tracked');
            await nango.batchSave([{ id: 'a' }], 'Tracked');
            await nango.batchUpdate([{ id: 'b', name: 'b' }], 'Tracked');
            return await nango.trackDeletesEnd('Tracked');
        },
        'trackDeletesEnd without a start': async () => await nango.trackDeletesEnd('Tracked'),
        'setMergingStrategy': async () => {
            await nango.batchSave([{ id: 'm' }], 'Merged');
            await nango.setMergingStrategy({ strategy: 'ignore_if_modified_after' }, 'Merged');
            await nango.setMergingStrategy({ strategy: 'override' }, 'Merged');
            return 'fine';
        },
        'setMergingStrategy: an unknown one': async () => await nango.setMergingStrategy({ strategy: 'newest' as any }, 'Item'),
        'deleteRecordsFromPreviousExecutions': async () => {
            await nango.batchSave([{ id: 'now' }], 'Previous');
            return await nango.deleteRecordsFromPreviousExecutions('Previous');
        },
        'checkpoint': async () => {
            await nango.saveCheckpoint({ page: 7 });
            return await nango.getCheckpoint();
        },
    });
    await nango.batchSave(Object.entries(told).map(([id, value]) => ({ id, value })), 'Told');
}

/** §10 and the properties of syncs; what it found out it saves as records of the model Told. */
const sync = createSync({
    description: 'Every method of the records cache',
    frequency: 'every day',
    models: { Item, Tracked: Item, Previous: Item, Merged: Item, Told: z.object({ id: z.string(), value: z.any() }) },
    metadata: z.object({ lang: z.string().default('en'), limit: z.number().default(10) }),
    exec: (nango) => keepRecords(nango),
    onWebhook: async (nango, payload) => {
        await nango.batchSave([{ id: String((payload as any).id) }], 'Item');
    },
});

export default sync;
