import { createAction } from 'nango';
import * as z from 'zod';

/** What the other functions of the suite call. */
const action = createAction({
    description: 'Does what it is told to',
    input: z.object({ lock: z.string().optional(), release: z.string().optional(), checkpoint: z.boolean().optional(), fail: z.string().optional(), echo: z.unknown().optional() }),
    output: z.any(),
    exec: async (nango, input) => {
        if (input.lock) return { locked: await nango.tryAcquireLock({ key: input.lock, ttlMs: 60_000 }) };
        if (input.release) return { released: await nango.releaseLock({ key: input.release }) };
        if (input.checkpoint) return { checkpoint: await nango.getCheckpoint() };
        if (input.fail) throw new nango.ActionError({ reason: input.fail });
        return input.echo;
    },
});

export default action;
