import { createSync } from 'nango';
import * as z from 'zod';

const Answer = z.object({ id: z.string() });

/** Waits for an API, as most syncs do most of the time. */
const sync = createSync({
  description: 'Waits until the API answers',
  version: '1.0.0',
  frequency: 'every day',
  autoStart: false,
  models: { Answer },

  exec: async (nango) => {
    await nango.get({ endpoint: '/wait' });
  }
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;
