import { createAction } from 'nango';
import * as z from 'zod';
import { tell } from '../helpers/tell.js';

/** §8.1 and §8.2: what a call sends and how its answer reads. */
const action = createAction({
    description: 'Calls of every form, and what their answers look like',
    input: z.object({ api: z.string() }),
    output: z.any(),
    exec: async (nango, input) => {
        const echo = async (config: object) => (await nango.get<any>({ endpoint: '/echo', ...config })).data;
        const full = await nango.get<any>({ endpoint: '/text' });
        return await tell({
            'proxy uses GET by default': async () => (await nango.proxy<any>({ endpoint: '/echo' })).data.method,
            'proxy takes any method': async () => (await nango.proxy<any>({ method: 'delete' as 'DELETE', endpoint: '/echo' })).data.method,
            'each verb forces its method': async () => {
                const methods = [];
                for (const verb of ['get', 'post', 'put', 'patch', 'delete'] as const) methods.push((await nango[verb]<any>({ method: 'POST', endpoint: '/echo' })).data.method);
                return methods;
            },
            'endpoint with query': async () => (await echo({ endpoint: '/echo?a=1&b=x%20y' })).url,
            'endpoint without slash': async () => (await echo({ endpoint: 'echo/x' })).url,
            'endpoint with the base URL': async () => (await echo({ endpoint: `${input.api}/echo/y?z=1` })).url,
            'params as object': async () => (await echo({ params: { a: 1, b: 'x y', list: ['p', 'q'], no: undefined, yes: true } })).url,
            'params as text': async () => (await echo({ params: 'a=1&b=2' })).url,
            'params as text with a question mark': async () => (await echo({ params: '?a=1' })).url,
            'params as URLSearchParams': async () => (await echo({ params: new URLSearchParams({ a: '1' }) })).url,
            'params beside a query': async () => (await echo({ endpoint: '/echo?a=1', params: { b: 2 } })).url,
            'params as text beside a query': async () => await echo({ endpoint: '/echo?a=1', params: 'b=2' }),
            'params with a date': async () => (await echo({ params: { since: new Date(0) } })).url,
            'baseUrlOverride': async () => (await echo({ endpoint: '/b', baseUrlOverride: `${input.api}/echo/` })).url,
            'headers are sent': async () => (await echo({ headers: { 'X-Mine': 'yes', 'X-Number': 5 } })).headers['x-mine'],
            'credentials are added': async () => (await echo({})).headers['x-api-key'],
            'accept by default': async () => (await echo({})).headers.accept,
            'accept by choice': async () => (await echo({ headers: { Accept: 'text/csv' } })).headers.accept,
            'user-agent cannot be chosen': async () => (await echo({ headers: { 'User-Agent': 'me' } })).headers['user-agent'] !== 'me',
            'another connection is used with its own provider': async () => (await echo({ providerConfigKey: 'sdk-oauth', connectionId: 'c1' })).headers['x-from'],
            'and with its credentials': async () => (await echo({ providerConfigKey: 'sdk-oauth' })).headers.authorization,
            'a redirect is followed': async () => (await nango.get<any>({ endpoint: '/redirect' })).data.url,
            'status': () => full.status,
            'statusText': () => full.statusText,
            'text is text': () => full.data,
            'headers in lower case': () => full.headers['x-up'],
            'headers by get, any case': () => (full.headers as any).get('X-UP'),
            'headers by has': () => [(full.headers as any).has('X-Up'), (full.headers as any).has('x-down')],
            'headers spread': () => ({ ...full.headers })['content-type'],
            'headers iterate': () => Object.keys(full.headers).includes('x-up'),
            'headers of cookies are a list': async () => (await nango.get({ endpoint: '/cookies' })).headers['set-cookie'],
            'config': () => [full.config.method, full.config.url],
            'request': () => [full.request.method, full.request.path, full.request.host],
            'a redirected request tells where it landed': async () => (await nango.get<any>({ endpoint: '/redirect' })).request.res.responseUrl,
            'a number is parsed': async () => (await nango.get({ endpoint: '/number' })).data,
            'nothing is empty text': async () => (await nango.get({ endpoint: '/empty' })).data,
            'no content': async () => {
                const { status, data } = await nango.get({ endpoint: '/nocontent' });
                return [status, data];
            },
            'a byte order mark is dropped': async () => (await nango.get({ endpoint: '/bom' })).data,
            'compression is undone': async () => (await nango.get({ endpoint: '/gzip' })).data,
            'arraybuffer is a Buffer': async () => {
                const { data } = await nango.get<any>({ endpoint: '/bytes', responseType: 'arraybuffer' });
                return [Buffer.isBuffer(data), data.toString('hex'), Buffer.from(data).toString('base64')];
            },
            'text is not parsed': async () => (await nango.get({ endpoint: '/number', responseType: 'text' })).data,
            'json is parsed': async () => (await nango.get({ endpoint: '/number', responseType: 'json' })).data,
            'blob is text': async () => (await nango.get({ endpoint: '/number', responseType: 'blob' })).data,
            'stream can be iterated': async () => {
                const chunks: Uint8Array[] = [];
                for await (const chunk of (await nango.get<any>({ endpoint: '/bytes', responseType: 'stream' })).data) chunks.push(chunk);
                return Buffer.concat(chunks).toString('hex');
            },
            'stream has events': async () => {
                const { data } = await nango.get<any>({ endpoint: '/bytes', responseType: 'stream' });
                const chunks: Uint8Array[] = [];
                await new Promise((resolve, reject) => data.on('data', (chunk: Uint8Array) => chunks.push(chunk)).on('end', resolve).on('error', reject));
                return Buffer.concat(chunks).length;
            },
            'retries until it works': async () => (await nango.get({ endpoint: '/flaky/works/2/503', retries: 2 })).data,
            'does not retry by itself': async () => (await nango.get({ endpoint: '/flaky/once/1/503' })).data,
            'does not retry a 4xx': async () => (await nango.get({ endpoint: '/flaky/four/1/409', retries: 2 })).data,
            'retryOn adds statuses': async () => (await nango.get({ endpoint: '/flaky/on/1/409', retries: 1, retryOn: [409] })).data,
            'retryHeader is honoured': async () => (await nango.get({ endpoint: '/flaky/header/1/503', retries: 1, retryHeader: { after: 'x-wait' } })).data,
            'many at once': async () => {
                const all = await Promise.all(Array.from({ length: 20 }, (_, i) => nango.get<any>({ endpoint: `/echo/${i}` })));
                return all.every(({ data }, i) => data.url === `/echo/${i}`);
            },
            'methods stand alone': async () => {
                const { get } = nango;
                return (await get<any>({ endpoint: '/echo' })).status;
            },
            'the config stays as it was': async () => {
                const config = Object.freeze({ endpoint: '/echo', headers: Object.freeze({ A: 'b' }), params: Object.freeze({ x: '1' }) });
                await nango.get(config);
                return config;
            },
            'no config': async () => await (nango.get as any)(),
        });
    },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
