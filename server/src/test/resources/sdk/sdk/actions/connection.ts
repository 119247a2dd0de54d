import { createAction } from 'nango';
import * as z from 'zod';
import { errorOf, tell } from '../helpers/tell.js';

/** §7 properties, §7.1, §7.3, §7.4, §7.5. */
const action = createAction({
    description: 'The connection, its metadata, the integration, and the small methods',
    input: z.object({ api: z.string() }),
    output: z.any(),
    exec: async (nango) => {
        const connection = await nango.getConnection();
        const view = nango as any;
        return await tell({
            'connectionId': () => nango.connectionId,
            'providerConfigKey': () => nango.providerConfigKey,
            'provider': () => view.provider,
            'environmentName': () => view.environmentName,
            'numbers': () => [view.environmentId, view.accountId, view.nangoConnectionId].map((value) => typeof value),
            'activityLogId': () => /^[0-9a-f-]{36}$/.test(view.activityLogId),
            'scriptType': () => view.scriptType,
            'isCLI': () => view.isCLI,
            'logger': () => view.logger,
            'runnerFlags': () => typeof view.runnerFlags,
            'syncConfig': () => [view.syncConfig.sync_name, view.syncConfig.type],
            'no properties of syncs': () => [typeof view.syncId, typeof view.variant, typeof view.lastSyncDate],
            'methods of syncs are absent': () => [typeof view.batchSave, typeof view.trackDeletesStart, typeof view.listRecords],
            'hidden names': () => {
                const refused = [];
                for (const name of ['nango', 'persistClient', 'telemetryRecorder', 'locking', 'abortSignal', 'getProxyConfig', 'memoizedConnections', 'constructor', '__proto__']) {
                    try {
                        refused.push(view[name]);
                    } catch (error) {
                        refused.push((error as Error).message === `Access to "${name}" is not allowed.`);
                    }
                }
                return refused;
            },
            'hidden names cannot be written': () => {
                view.locking = {};
            },
            'hidden names are not in it': () => ['nango' in view, 'constructor' in view, 'get' in view],
            'no prototype': () => Object.getPrototypeOf(view) === null,
            'getConnection: names': () => [connection.connection_id, connection.provider_config_key, connection.provider],
            'getConnection: connection_config': () => connection.connection_config['api'] !== undefined,
            'getConnection: credentials': () => (connection.credentials as any).apiKey,
            'getConnection: dates are texts': () => typeof connection.created_at,
            'getConnection: another': async () => (await nango.getConnection('sdk-oauth', 'c1')).credentials.type,
            'getConnection: no refresh token': async () => 'refresh_token' in (await nango.getConnection('sdk-oauth', 'c1')).credentials,
            'getConnection: the refresh token by wish': async () => ((await nango.getConnection('sdk-oauth', 'c1', { refreshToken: true })).credentials as any).refresh_token,
            'getConnection: the wish is remembered': async () => ((await nango.getConnection('sdk-oauth', 'c1')).credentials as any).refresh_token,
            'getConnection: a copy each time': async () => {
                (await nango.getConnection()).connection_id = 'changed';
                return (await nango.getConnection()).connection_id;
            },
            'getConnection: unknown': async () => {
                const { response, message } = await errorOf(() => nango.getConnection('sdk', 'nobody'));
                return [response.status, response.data.error.code, message];
            },
            'getMetadata': () => nango.getMetadata(),
            'updateMetadata merges': async () => {
                const response: any = await nango.updateMetadata({ lang: 'de', extra: [1] });
                return [response.status, response.data.metadata, await nango.getMetadata()];
            },
            'setMetadata replaces': async () => {
                const response: any = await nango.setMetadata({ only: true });
                return [response.status, await nango.getMetadata()];
            },
            'setMetadata of no object': async () => {
                const { response } = await errorOf(() => nango.setMetadata([1] as any));
                return [response.status, response.data.error.code];
            },
            'setFieldMapping and getFieldMapping': async () => {
                await (nango as any).setFieldMapping({ fieldMapping: { a: 'b' } });
                return await (nango as any).getFieldMapping();
            },
            'getToken': async () => await nango.getToken(),
            'getIntegration': async () => {
                const integration: any = await (nango as any).getIntegration();
                return [integration.unique_key, integration.provider, 'webhook_url' in integration];
            },
            'getIntegration: webhook': async () => 'webhook_url' in ((await (nango as any).getIntegration({ include: ['webhook'] })) as any),
            'getWebhookURL': async () => await nango.getWebhookURL(),
            'getEnvironmentVariables': async () => await nango.getEnvironmentVariables(),
            'getFlowAttributes': () => (nango as any).getFlowAttributes(),
            'log returns nothing': () => nango.log('a line', { with: 'meta' }, { level: 'error' }),
            'log of nothing': () => (nango.log as any)(),
            'log of anything': async () => {
                const circle: any = { n: 1n, f: () => 1, d: new Date(0), m: new Map([[1, 2]]), b: Buffer.from('x'), e: new Error('x') };
                circle.self = circle;
                await nango.log(circle, { level: 'error' });
                await nango.log(undefined as any);
                await nango.log(null as any, [1, 2] as any, { level: 'error' });
                return 'fine';
            },
            'setLogger': async () => {
                nango.setLogger({ level: 'debug' });
                return view.logger.level;
            },
            'setLogger: unknown levels mean warn': async () => {
                nango.setLogger({ level: 'loud' as any });
                return view.logger.level;
            },
            'setLogger: off is final': async () => {
                nango.setLogger({ level: 'off' });
                nango.setLogger({ level: 'debug' });
                return view.logger.level;
            },
            'zodValidateInput': async () => await nango.zodValidateInput({ zodSchema: z.object({ n: z.coerce.number() }), input: { n: '5' } as any }),
            'zodValidateInput: a mismatch': async () => {
                const error = await errorOf(() => nango.zodValidateInput({ zodSchema: z.object({ n: z.number() }), input: {} as any }));
                return [error instanceof nango.ActionError, error.type, error.payload];
            },
            'ActionError': () => {
                const error: any = new nango.ActionError({ a: 1 });
                return [error instanceof Error, error.type, error.payload, error.message];
            },
            'ActionError without payload': () => 'payload' in new nango.ActionError(),
        });
    },
});

export default action;
