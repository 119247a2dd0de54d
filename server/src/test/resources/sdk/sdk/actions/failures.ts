import { createAction } from 'nango';
import * as z from 'zod';
import { explode } from '../helpers/explode.js';

/** §14: whatever a function may throw. */
const action = createAction({
    description: 'Fails as it is told to',
    input: z.object({ how: z.string() }),
    output: z.any(),
    exec: async (nango, input): Promise<unknown> => {
        switch (input.how) {
            case 'ActionError': throw new nango.ActionError({ code: 'x', Authorization: 'secret', deep: { authorization: 's' } });
            case 'ActionError of text': throw new nango.ActionError('text' as any);
            case 'ActionError of a list': throw new nango.ActionError([1] as any);
            case 'ActionError of nothing': throw new nango.ActionError();
            case 'ActionError too large': throw new nango.ActionError({ small: 1, large: 'x'.repeat(100_000) });
            case '404': return await nango.get({ endpoint: '/status/404' });
            case '500': return await nango.get({ endpoint: '/status/500' });
            case '429': return await nango.get({ endpoint: '/status/429' });
            case 'payload': return await nango.get({ endpoint: '/payload/400' });
            case 'text answer': return await nango.get({ endpoint: '/refused' });
            case 'made by hand': throw Object.assign(new Error('x'), { isAxiosError: true, response: { status: 418, data: { tea: true }, headers: { 'X-Rate-Left': 1, Other: 2 } } });
            case 'network': return await nango.get({ endpoint: '/', baseUrlOverride: 'http://localhost:1' });
            case 'Error': throw new Error('plain');
            case 'with code': throw Object.assign(new RangeError('coded'), { code: 'E_MINE' });
            case 'in a helper': return explode();
            case 'text': throw 'thrown text';
            case 'object': throw { message: 'thrown object', extra: 1 };
            case 'undefined': throw undefined;
            case 'nested': return await nango.triggerAction('sdk', 'c1', 'nested', { fail: 'inside' });
            case 'too large': return 'x'.repeat(2_097_152);
            case 'no Error, but Axios-like': throw { isAxiosError: true, response: { status: 409, data: [1], headers: {} } };
            case 'an unusual error': throw Object.assign(Object.create(null), { name: 'Odd', message: 'm', stack: 'Odd: m' });
            case 'zod': return z.object({ n: z.number() }).parse({});
            default: return input;
        }
    },
});

export default action;
