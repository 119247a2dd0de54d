import { createSync } from 'nango';
import * as z from 'zod';

const Item = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  amount: z.number(),
  active: z.boolean(),
  updated_at: z.string(),
  tags: z.array(z.string()),
  address: z.object({ street: z.string(), city: z.string(), country: z.string() }),
  note: z.string()
});
type Item = z.infer<typeof Item>;

/** Saves every page of a local API unchanged; the connection's metadata contain the number of items. */
const sync = createSync({
  description: 'Fetches all items, 100 a page',
  version: '1.0.0',
  frequency: 'every day',
  autoStart: false,
  models: { Item },
  metadata: z.object({ total: z.number() }),

  exec: async (nango) => {
    const { total } = await nango.getMetadata();
    const pages = nango.paginate<Item>({
      endpoint: '/items',
      params: { total: String(total) },
      paginate: {
        type: 'cursor',
        cursor_name_in_request: 'after',
        cursor_path_in_response: 'next',
        limit_name_in_request: 'limit',
        limit: 100,
        response_path: 'items'
      }
    });
    for await (const page of pages) {
      await nango.batchSave(page, 'Item');
    }
  }
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;
