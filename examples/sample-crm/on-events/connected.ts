import { createOnEvent } from 'nango';
import * as z from 'zod';

/** Runs once a customer has connected; what it leaves in the metadata is there for all functions, and for our app. */
export default createOnEvent({
  event: 'post-connection-creation',
  description: 'Notes when the customer connected',
  version: '1.0.0',
  metadata: z.object({ connectedAt: z.string().optional() }),

  exec: async (nango) => {
    // Merges: settings which the connection already has stay as they are.
    await nango.updateMetadata({ connectedAt: new Date().toISOString() });
    await nango.log('A customer has connected', { connectionId: nango.connectionId });
  }
});
