import { createSync } from 'nango';
import * as z from 'zod';

const Made = z.object({ id: z.string(), name: z.string(), email: z.string(), amount: z.number(), tags: z.array(z.string()), note: z.string() });
type Made = z.infer<typeof Made>;

const PAGE = 100;
const NOTE = 'An item of the size that contacts, tickets and messages usually have. '.repeat(11);

/** Saves records that it creates itself, always the same ones, so that the measured cost is the path from the function to the store. */
const sync = createSync({
  description: 'Saves records it makes itself, 100 at a time',
  version: '1.0.0',
  frequency: 'every day',
  autoStart: false,
  models: { Made },
  metadata: z.object({ total: z.number() }),

  exec: async (nango) => {
    const { total } = await nango.getMetadata();
    for (let from = 0; from < total; from += PAGE) {
      const page: Made[] = [];
      for (let number = from; number < from + PAGE; number++) {
        page.push({ id: `made-${number}`, name: `Made ${number}`, email: `made.${number}@example.com`, amount: number % 1000, tags: ['one', 'two'], note: NOTE });
      }
      await nango.batchSave(page, 'Made');
    }
  }
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;
