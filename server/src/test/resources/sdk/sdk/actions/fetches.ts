import { createAction } from 'nango';
import * as z from 'zod';
import { errorOf, tell } from '../helpers/tell.js';

/** §7.2 and §7.6. */
const action = createAction({
    description: 'Free fetches, and calls of other functions',
    input: z.object({ api: z.string() }),
    output: z.any(),
    exec: async (nango, { api }) => {
        const fetch = (path: string, options: object = {}) => nango.uncontrolledFetch({ url: new URL(path, api), ...options } as any);
        const failing = await errorOf(() => nango.triggerAction('sdk', 'c1', 'nested', { fail: 'wanted' }));
        return await tell({
            'fetch: json': async () => ((await (await fetch('/echo')).json()) as any).method,
            'fetch: no credentials': async () => 'x-api-key' in ((await (await fetch('/echo')).json()) as any).headers,
            'fetch: method, headers, body': async () => {
                const { method, headers, body } = (await (await fetch('/echo', { method: 'PUT', headers: { 'X-Mine': 'm', 'Content-Type': 'text/plain' }, body: 'hi' })).json()) as any;
                return [method, headers['x-mine'], headers['content-type'], body];
            },
            'fetch: a text body has a type': async () => ((await (await fetch('/echo', { method: 'POST', body: 'hi' })).json()) as any).headers['content-type'],
            'fetch: status is no failure': async () => {
                const { ok, status, statusText } = await fetch('/status/404');
                return [ok, status, statusText];
            },
            'fetch: headers': async () => {
                const { headers } = await fetch('/text');
                return [headers.get('X-Up'), headers.has('x-up'), headers.get('no'), [...headers].some(([name]) => name === 'x-up')];
            },
            'fetch: cookies': async () => (await fetch('/cookies')).headers.getSetCookie(),
            'fetch: text': async () => (await fetch('/text')).text(),
            'fetch: arrayBuffer': async () => Buffer.from(await (await fetch('/bytes')).arrayBuffer()).toString('hex'),
            'fetch: body is a stream': async () => {
                const chunks = [];
                for await (const chunk of (await fetch('/bytes')).body as any) chunks.push(chunk);
                return Buffer.concat(chunks).toString('hex');
            },
            'fetch: read twice': async () => {
                const response = await fetch('/text');
                await response.text();
                return await response.text();
            },
            'fetch: clone': async () => {
                const response = await fetch('/text');
                const copy = response.clone();
                return [await response.text(), await copy.text(), response.bodyUsed];
            },
            'fetch: redirects are followed': async () => {
                const response = await fetch('/redirect', { method: 'POST', body: 'x' });
                const { method, body } = (await response.json()) as any;
                return [method, body, response.redirected, response.url === `${api}/echo/landed`];
            },
            'fetch: too many redirects': async () => (await errorOf(() => fetch('/loop'))).payload.code,
            'fetch: a forbidden address': async () => {
                const error = await errorOf(() => nango.uncontrolledFetch({ url: new URL('http://169.254.169.254/latest') }));
                return [error instanceof nango.ActionError, error.payload.code, typeof error.payload.message];
            },
            'fetch: no answer': async () => {
                const error = await errorOf(() => nango.uncontrolledFetch({ url: new URL('http://localhost:1/') }));
                return [error.name, error.message, error.cause.code];
            },
            'triggerAction': () => nango.triggerAction('sdk', 'c1', 'nested', { echo: { deep: [1] } }),
            'triggerAction: falsy outputs': async () => [await nango.triggerAction('sdk', 'c1', 'nested', { echo: 0 }), await nango.triggerAction('sdk', 'c1', 'nested', { echo: '' })],
            'triggerAction: no input': () => nango.triggerAction('sdk', 'c1', 'nested'),
            'triggerAction: a failure': () => [failing.isAxiosError, failing.response.status, failing.message],
            'triggerAction: its envelope': () => failing.response.data,
            'triggerAction: unknown': async () => {
                const { response } = await errorOf(() => nango.triggerAction('sdk', 'c1', 'no-such'));
                return [response.status, response.data];
            },
            'triggerAction: unknown connection': async () => {
                const { response } = await errorOf(() => nango.triggerAction('sdk', 'nobody', 'nested'));
                return [response.status, response.data.error.code];
            },
            'triggerSync': async () => {
                await nango.triggerSync('sdk', 'c1', 'everything');
                await nango.triggerSync('sdk', 'c1', { name: 'everything', variant: 'base' } as any, { reset: true });
                await nango.triggerSync('sdk', 'c1', 'everything', 'full_refresh' as any);
                return 'fine';
            },
            'triggerSync: unknown': async () => (await errorOf(() => nango.triggerSync('sdk', 'c1', 'no-such'))).response.status,
            'startSync': async () => {
                await nango.startSync('sdk', ['everything'], 'c1');
                return 'fine';
            },
        });
    },
});

export default action;
