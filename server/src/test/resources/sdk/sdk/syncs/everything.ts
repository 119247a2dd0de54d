import { createSync } from 'nango';
import * as z from 'zod';

/** What triggerSync and startSync start. */
const sync = createSync({
    description: 'Saves one record',
    frequency: 'every day',
    models: { Single: z.object({ id: z.string() }) },
    exec: async (nango) => {
        await nango.batchSave([{ id: '1' }], 'Single');
    },
});

export default sync;
