import { createAction } from 'nango';
import * as z from 'zod';
import { tell } from '../helpers/tell.js';

/** §7.7 and §11. */
const action = createAction({
    description: 'Locks and checkpoints',
    input: z.object({}),
    output: z.any(),
    exec: async (nango) => {
        const many = Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`f${i}`, i]));
        return await tell({
            'a lock is taken': () => nango.tryAcquireLock({ key: 'k', ttlMs: 60_000 }),
            'its owner may take it again': () => nango.tryAcquireLock({ key: 'k', ttlMs: 60_000 }),
            'another run may not': () => nango.triggerAction('sdk', 'c1', 'nested', { lock: 'k' }),
            'and cannot release it': () => nango.triggerAction('sdk', 'c1', 'nested', { release: 'k' }),
            'releaseLock': () => nango.releaseLock({ key: 'k' }),
            'releaseLock of what is not held': () => nango.releaseLock({ key: 'k' }),
            'a released lock is free': () => nango.triggerAction('sdk', 'c1', 'nested', { lock: 'k' }),
            'the end of a run frees its locks': () => nango.tryAcquireLock({ key: 'k', ttlMs: 60_000 }),
            'a lock expires': async () => {
                await nango.tryAcquireLock({ key: 'brief', ttlMs: 1 });
                await new Promise((resolve) => setTimeout(resolve, 20));
                return await nango.triggerAction('sdk', 'c1', 'nested', { lock: 'brief' });
            },
            'releaseAllLocks': async () => {
                await nango.tryAcquireLock({ key: 'x', ttlMs: 60_000 });
                await nango.releaseAllLocks();
                return await nango.triggerAction('sdk', 'c1', 'nested', { lock: 'x' });
            },
            'an empty key': async () => await nango.tryAcquireLock({ key: '', ttlMs: 1 }),
            'a long key': async () => await nango.tryAcquireLock({ key: 'k'.repeat(256), ttlMs: 1 }),
            'a key of 255': () => nango.tryAcquireLock({ key: 'k'.repeat(255), ttlMs: 1 }),
            'no time': async () => await nango.tryAcquireLock({ key: 'k', ttlMs: 0 }),
            'no checkpoint at first': () => nango.getCheckpoint(),
            'clearing nothing is fine': () => nango.clearCheckpoint(),
            'saveCheckpoint': async () => {
                await nango.saveCheckpoint({ page: 1, done: false, cursor: 'c', at: new Date(0) as any });
                return await nango.getCheckpoint();
            },
            'saveCheckpoint replaces': async () => {
                await nango.saveCheckpoint({ page: 2 });
                return await nango.getCheckpoint();
            },
            'clearCheckpoint': async () => {
                await nango.clearCheckpoint();
                await nango.clearCheckpoint();
                return await nango.getCheckpoint();
            },
            'saving after clearing': async () => {
                await nango.saveCheckpoint({ page: 3 });
                return await nango.getCheckpoint();
            },
            'another action has its own': () => nango.triggerAction('sdk', 'c1', 'nested', { checkpoint: true }),
            'nested values': async () => (await nango.saveCheckpoint({ a: { b: 1 } as any })),
            'seventeen fields': async () => (await nango.saveCheckpoint(many)),
            'a long text': async () => (await nango.saveCheckpoint({ a: 'x'.repeat(4001) })),
            'no object': async () => (await nango.saveCheckpoint([] as any)),
            'what was refused changed nothing': () => nango.getCheckpoint(),
            'the end': () => nango.clearCheckpoint(),
        });
    },
});

export default action;
