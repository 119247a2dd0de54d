import { createAction } from 'nango';
import * as z from 'zod';

/** Values that JSON has no word for, as outputs. */
const action = createAction({
    description: 'Odd outputs',
    input: z.object({ what: z.string() }),
    output: z.any(),
    exec: async (_nango, input): Promise<unknown> => {
        const circle: Record<string, unknown> = {};
        circle['self'] = circle;
        class Money {
            constructor(private readonly cents: number) {}
            toJSON() { return { amount: this.cents / 100 }; }
        }
        switch (input.what) {
            case 'undefined': return undefined;
            case 'null': return null;
            case 'NaN': return { n: NaN, i: -Infinity };
            case 'Date': return { at: new Date(0), bad: new Date(NaN) };
            case 'gone': return { a: undefined, f: () => 1, list: [undefined] };
            case 'Map': return { map: new Map([[1, 2]]), set: new Set([1]) };
            case 'toJSON': return new Money(150);
            case 'frozen': return Object.freeze({ a: Object.freeze([1]) });
            case 'number': return -0.5e-7;
            case 'unicode': return '\u{1F600} \ud800 \u2028';
            case 'BigInt': return { b: 1n };
            case 'circle': return circle;
            default: return input;
        }
    },
});

export default action;
