import { createAction } from 'nango';
import * as z from 'zod';
import { tell } from '../helpers/tell.js';

/** §8.1 `data`: every form a body may have. */
const action = createAction({
    description: 'Bodies of every form',
    input: z.object({}),
    output: z.any(),
    exec: async (nango) => {
        const send = async (data: unknown, type?: string, method: 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'GET' = 'POST') => {
            const config = { method, endpoint: '/echo', data, ...(type ? { headers: { 'Content-Type': type } } : {}) };
            const { body, headers, base64 } = (await nango.proxy<any>(config as any)).data;
            return { body, type: headers['content-type'] ?? null, base64 };
        };
        const text = async (...args: Parameters<typeof send>) => {
            const { body, type } = await send(...args);
            return [body, type];
        };
        const multipart = async (data: object) => {
            const { body, type } = await send(data, 'multipart/form-data');
            const [, boundary] = /^multipart\/form-data; boundary=(.+)$/.exec(type) ?? [];
            return body.replaceAll(boundary, 'B').replaceAll('\r\n', '|');
        };
        class Contact {
            constructor(readonly name: string) {}
            get upper() { return this.name.toUpperCase(); }
        }
        return await tell({
            'an object is JSON': () => text({ a: 1, no: undefined, at: new Date(0), list: [1, null] }),
            'an array is JSON': () => text([1, 2]),
            'an instance is JSON': () => text(new Contact('x')),
            'an object of a JSON dialect': () => text({ a: 1 }, 'application/vnd.api+json'),
            'JSON text as JSON': () => text('{"a":1}', 'application/json'),
            'plain text as JSON': () => text('hello', 'application/json'),
            'plain text without a type': () => text('a=1&b=2'),
            'XML text': () => text('<a>ä</a>', 'text/xml'),
            'URLSearchParams': () => text(new URLSearchParams({ a: '1', b: 'x y' })),
            'an object as form': () => text({ a: 1, b: 'x y', deep: { c: [1, 2] }, rows: [{ id: 1 }], none: null }, 'application/x-www-form-urlencoded'),
            'a Buffer': async () => (await send(Buffer.from([0, 255, 10]), 'application/octet-stream')).base64,
            'an array of bytes': async () => (await send(new Uint8Array([0, 255, 10]).subarray(1), 'application/octet-stream')).base64,
            'an ArrayBuffer': async () => (await send(new Uint8Array([7, 8]).buffer, 'image/png')).base64,
            'a stream that was fetched': async () => {
                const { data } = await nango.get<any>({ endpoint: '/bytes', responseType: 'stream' });
                return (await send(data, 'application/octet-stream')).base64;
            },
            'an async generator': async () => {
                async function* chunks() {
                    yield 'one ';
                    yield Buffer.from('two');
                }
                return (await send(chunks(), 'text/plain')).body;
            },
            'multipart': () => multipart({ title: 'x', nested: { a: 1 }, tags: ['p', 'q'], file: Buffer.from('bytes') }),
            'PUT': () => text({ a: 1 }, undefined, 'PUT'),
            'PATCH': () => text({ a: 1 }, undefined, 'PATCH'),
            'DELETE': () => text({ a: 1 }, undefined, 'DELETE'),
            'DELETE without a body': () => text(undefined, undefined, 'DELETE'),
            'GET sends none': () => text({ a: 1 }, undefined, 'GET'),
            'a BigInt is refused': () => text({ a: { b: 10n } }),
            'a circle is refused': () => {
                const circle: any = {};
                circle.self = circle;
                return text(circle).catch((error: Error) => error.message.split('\n')[0]);
            },
        });
    },
});

export default action;
