import { createSync } from 'nango';
import * as z from 'zod';

/** One record a run: when the last one that ended well began. */
export default createSync({
    description: 'Keeps what lastSyncDate was',
    frequency: 'every day',
    models: { Dated: z.object({ id: z.string(), is: z.string() }) },
    exec: async (nango) => {
        const { lastSyncDate } = nango;
        await nango.batchSave([{ id: String((nango as any).syncJobId), is: lastSyncDate instanceof Date ? lastSyncDate.toISOString() : 'nothing' }], 'Dated');
    },
});
