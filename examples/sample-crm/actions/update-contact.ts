import { createAction } from 'nango';
import * as z from 'zod';

import { Contact, toContact, type CrmContact } from '../crm.js';

const Input = z.object({
  id: z.string().min(1),
  email: z.email().optional(),
  name: z.string().min(1).optional(),
  region: z.string().optional(),
  archived: z.boolean().optional()
});

const action = createAction({
  description: "Changes one contact in the customer's CRM and answers it as it is afterwards",
  version: '1.0.0',
  input: Input,
  output: Contact,
  metadata: z.object({ fieldMapping: z.record(z.string(), z.string()).optional() }),

  exec: async (nango, input) => {
    // Nothing checks the input before us: a bad one ends here, as an ActionError the caller can read.
    const { data: wanted } = await nango.zodValidateInput({ zodSchema: Input, input });
    const { id, ...changes } = wanted;
    if (Object.keys(changes).length === 0) {
      throw new nango.ActionError({
        message: 'Nothing to change: give at least one of email, name, region, archived',
        id
      });
    }

    const metadata = await nango.getMetadata();
    // No retries: the first attempt may have been carried out even when its answer got lost.
    const { data } = await nango.patch<CrmContact>({
      endpoint: `/contacts/${encodeURIComponent(id)}`,
      data: changes,
      retries: 0
    });

    return toContact(data, metadata?.fieldMapping ?? {});
  }
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
