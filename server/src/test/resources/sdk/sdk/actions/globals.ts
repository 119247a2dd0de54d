import { createAction } from 'nango';
import * as z from 'zod';
import { tell } from '../helpers/tell.js';

declare const console: any;
const loads = { count: 0 };
loads.count += 1;

/** §6.1: what a function finds around it, and what not. */
const action = createAction({
    description: 'The globals of a function',
    input: z.object({}),
    output: z.any(),
    exec: async () => {
        const global = globalThis as any;
        return await tell({
            'present': () => ['console', 'require', 'Buffer', 'setTimeout', 'Error', 'URL', 'URLSearchParams', 'Promise', 'Map', 'Intl', 'WeakRef', 'Atomics', 'SharedArrayBuffer', 'WebAssembly', 'Proxy', 'Reflect', 'JSON'].filter((name) => typeof global[name] === 'undefined'),
            'absent': () => ['process', 'fetch', 'Headers', 'atob', 'btoa', 'structuredClone', 'TextEncoder', 'TextDecoder', 'AbortController', 'setInterval', 'setImmediate', 'clearTimeout', 'queueMicrotask', 'crypto', 'performance', 'Blob', 'FormData', 'Event', 'global', 'window', 'self', 'module', 'exports'].filter((name) => typeof global[name] !== 'undefined'),
            'no constructor': () => typeof global.constructor,
            'no prototype': () => Object.getPrototypeOf(globalThis),
            'console does nothing': () => ['log', 'info', 'warn', 'error', 'debug', 'table', 'group', 'groupEnd', 'time', 'timeEnd', 'trace', 'dir', 'assert'].map((name) => typeof console[name]('x')).every((type) => type === 'undefined'),
            'setTimeout': async () => await new Promise((resolve) => setTimeout((a: number, b: number) => resolve(a + b), 1, 2, 3)),
            'setTimeout keeps the order': async () => {
                const order: string[] = [];
                setTimeout(() => order.push('late'), 15);
                setTimeout(() => order.push('soon'), 1);
                await new Promise((resolve) => setTimeout(resolve, 40));
                return order;
            },
            'setTimeout of no function': () => (setTimeout as any)('code', 1),
            'eval': () => {
                try {
                    return (0, eval)('1');
                } catch (error) {
                    return (error as Error).name;
                }
            },
            'URL': () => {
                const url = new URL('/a?b=1#c', 'https://x.example:8443/z');
                url.searchParams.append('d', 'e f');
                return [url.href, url.origin, url.host, url.hash, [...url.searchParams.keys()]];
            },
            'an invalid URL': () => {
                try {
                    return new URL('nope');
                } catch (error: any) {
                    return [error.name, error.code, error instanceof Error];
                }
            },
            'Buffer': () => [Buffer.from('ä').toString('base64'), Buffer.from('4pyT', 'base64').toString(), Buffer.byteLength('ä'), Buffer.concat([Buffer.from('a'), Buffer.from('b')]).toString('hex'), Buffer.isBuffer(Buffer.alloc(1))],
            'Basic credentials': () => `Basic ${Buffer.from('user:pass').toString('base64')}`,
            'a Buffer as JSON': () => Buffer.from('ab'),
            'Intl': () => [new Intl.NumberFormat('de-DE', { style: 'currency', currency: 'EUR' }).format(1234.5).replace(/\u00a0/g, ' '), new Intl.DateTimeFormat('en-US', { timeZone: 'America/New_York', dateStyle: 'medium' }).format(new Date(0))],
            'dates': () => [new Date('2024-02-29T12:00:00Z').toISOString(), new Date(0).toLocaleDateString('en-GB', { timeZone: 'UTC' }), new Date(NaN).getTime()],
            'an error of the engine is an Error': () => {
                try {
                    (null as any).x;
                    return undefined;
                } catch (error) {
                    return [error instanceof Error, error instanceof TypeError, (error as Error).name];
                }
            },
            'an error of zod is an Error': () => {
                try {
                    return z.string().parse(1);
                } catch (error: any) {
                    return [error instanceof Error, error instanceof z.ZodError, error.name, error.issues[0].code];
                }
            },
            'an error of a library is an Error': () => {
                try {
                    return (global.require('crypto') as any).createHash('nope');
                } catch (error) {
                    return error instanceof Error;
                }
            },
            'classes of errors keep their own instanceof': () => {
                class Mine extends Error {}
                return [new Mine() instanceof Mine, new Error() instanceof Mine, new Mine() instanceof Error, ({} as any) instanceof Error];
            },
            'instanceof across realms': () => [
                z.coerce.date().parse(0) instanceof Date, z.map(z.string(), z.number()).parse(new Map([['a', 1]])) instanceof Map,
                Buffer.from('x') instanceof Uint8Array, z.string().parseAsync('x') instanceof Promise, new Date() instanceof Date, ({} as any) instanceof Date,
                Object.create(Date.prototype) instanceof Date, (null as any) instanceof Map, new (class extends Map {})() instanceof Map, new Map() instanceof (class extends Map {}),
            ],
            'zod knows what functions make': async () => [
                z.date().safeParse(new Date(0)).success, z.set(z.number()).safeParse(new Set([1])).success, z.date().safeParse('x').success,
                (await z.string().refine(async (text) => text === 'no').safeParseAsync('yes')).success, (await z.string().transform(async (text) => text.length).parseAsync('four')),
            ],
            'generators': async () => {
                function* plain() { yield* [1, 2]; }
                async function* later() { for (const n of plain()) yield n * 10; }
                const all = [];
                for await (const n of later()) all.push(n);
                return all;
            },
            'newer methods': () => [Object.groupBy([1, 2, 3], (n: number) => (n % 2 ? 'odd' : 'even')), [3, 1].toSorted(), 'a-b'.replaceAll('-', '+'), [1, 2].at(-1)],
            'the module is fresh': () => loads.count,
            'Promise helpers': async () => (await Promise.allSettled([Promise.resolve(1), Promise.reject(new Error('x'))])).map(({ status }) => status),
        });
    },
});

export default action;
