import { createAction } from 'nango';
import * as z from 'zod';
import { errorOf, tell } from '../helpers/tell.js';

/** §8.3: what failing calls reject with. */
const action = createAction({
    description: 'Failures of calls as functions read them',
    input: z.object({ api: z.string() }),
    output: z.any(),
    exec: async (nango, input) => {
        const gone = await errorOf(() => nango.post({ endpoint: '/status/404', data: { a: 1 }, headers: { 'X-Mine': 'm' }, params: { p: '1' } }));
        const down = await errorOf(() => nango.get({ endpoint: '/x', baseUrlOverride: 'http://localhost:1' }));
        const code = async (config: any) => {
            const error = await errorOf(() => nango.get(config));
            return [error.code, error.isAxiosError === true];
        };
        return await tell({
            'is an Error': () => [gone instanceof Error, gone.name, gone.isAxiosError],
            'message': () => gone.message,
            'String(error)': () => String(gone),
            'code': () => gone.code,
            'code of a 5xx': async () => (await errorOf(() => nango.get({ endpoint: '/status/502' }))).code,
            'status': () => gone.status,
            'response.status': () => [gone.response.status, gone.response.statusText],
            'response.data': () => gone.response.data,
            'response.headers': () => [gone.response.headers['x-ratelimit-remaining'], gone.response.headers.get('X-RateLimit-Remaining')],
            'response.config': () => gone.response.config.method,
            'response.request': () => [gone.response.request.method, gone.request.path],
            'config': () => [gone.config.method, gone.config.url, gone.config.headers['x-mine'], gone.config.data],
            'toJSON': () => {
                const json = gone.toJSON();
                return [json.message, json.name, json.code, json.status, typeof json.stack, json.config.method];
            },
            'can be stringified': () => JSON.parse(JSON.stringify(gone)).status,
            'text in the answer': async () => (await errorOf(() => nango.get({ endpoint: '/refused' }))).response.data,
            'bytes in the answer': async () => (await errorOf(() => nango.get({ endpoint: '/refused', responseType: 'arraybuffer' }))).response.data.toString(),
            'no answer': () => [down.name, down.isAxiosError, down.code, down.response === undefined, down.status === undefined, down.message],
            'no answer: config and request': () => [down.config.method, typeof down.request],
            'no such host': () => code({ endpoint: '/', baseUrlOverride: 'http://nowhere.invalid' }),
            'too many redirects': () => code({ endpoint: '/loop' }),
            'a forbidden address': () => code({ endpoint: '/latest', baseUrlOverride: 'http://169.254.169.254' }),
            'a query twice': () => code({ endpoint: '/echo?a=1', params: 'b=2' }),
            'an unknown connection': async () => {
                const error = await errorOf(() => nango.get({ endpoint: '/', connectionId: 'nobody' }));
                return [error.response?.status, error.response?.data.error.code];
            },
        });
    },
});

export default action;
