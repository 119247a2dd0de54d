import { createSync } from 'nango';
import * as z from 'zod';

import { Contact, toContact, type CrmContact } from '../crm.js';

/** What each customer configures. It lives in the metadata of the customer's connection. */
const Settings = z.object({
  /** Only contacts of this region; absent = all regions. */
  region: z.string().optional(),
  includeArchived: z.boolean().default(false),
  /** Our field name → the customer's custom field, e.g. `{ plan: 'cf_plan' }`. */
  fieldMapping: z.record(z.string(), z.string())
});

const sync = createSync({
  description: "Fetches the customer's contacts, with the custom fields the customer has mapped",
  version: '1.0.0',
  frequency: 'every hour',
  // Nothing sensible to fetch before the customer has chosen: the app starts the sync once the settings are saved.
  autoStart: false,
  models: { Contact },
  metadata: Settings,
  checkpoint: z.object({ cursor: z.string() }),

  exec: async (nango) => {
    const { region, includeArchived, fieldMapping } = await nango.getMetadata();

    // A run that was cut short left the position of its next page; a complete one left nothing.
    // The position belongs to the settings it was made with: after changing them, trigger the sync with `reset: true`.
    const checkpoint = await nango.getCheckpoint();

    // Opens the window in which every contact we save counts as seen. After an interruption the open window goes on.
    await nango.trackDeletesStart('Contact');

    const pages = nango.paginate<CrmContact>({
      endpoint: '/contacts',
      params: {
        ...(region !== undefined && { region }),
        archived: includeArchived ? 'all' : 'false',
        ...(checkpoint && { cursor: checkpoint.cursor })
      },
      paginate: {
        type: 'cursor',
        cursor_name_in_request: 'cursor',
        cursor_path_in_response: 'next_cursor',
        limit_name_in_request: 'limit',
        limit: 100,
        response_path: 'data',
        // Called between a page that has been saved and the request for the next one: the moment for a checkpoint.
        on_page: async ({ nextPageParam }) => {
          await nango.saveCheckpoint({ cursor: String(nextPageParam) });
        }
      },
      retries: 5
    });

    for await (const page of pages) {
      await nango.batchSave(
        page.map((contact) => toContact(contact, fieldMapping)),
        'Contact'
      );
    }

    // Reached only when every page came through: whatever was not seen is gone, or no longer within the settings.
    const { deletedKeys } = await nango.trackDeletesEnd('Contact');
    await nango.clearCheckpoint();

    await nango.log(`Contacts are up to date, ${deletedKeys.length} removed`);
  }
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;
