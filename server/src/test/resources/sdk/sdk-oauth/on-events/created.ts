import { createOnEvent } from 'nango';
import { tell } from '../../sdk/helpers/tell.js';

/** An on-event function tells by the metadata of its connection. */
export default createOnEvent({
    description: 'Runs when a connection was made',
    event: 'post-connection-creation',
    exec: async (nango) => {
        const view = nango as any;
        const told = await tell({
            'scriptType': () => view.scriptType,
            'a call': async () => (await nango.get<any>({ endpoint: '/echo' })).data.headers.authorization,
            'getToken': () => nango.getToken(),
            'a checkpoint': async () => {
                await nango.saveCheckpoint({ n: 1 });
                return await nango.getCheckpoint();
            },
            'a lock': () => nango.tryAcquireLock({ key: 'event', ttlMs: 1000 }),
            'getFlowAttributes': () => view.getFlowAttributes(),
            'no records': () => typeof view.batchSave,
        });
        await nango.updateMetadata({ told });
    },
});
