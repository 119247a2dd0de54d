import { createAction } from 'nango';
import * as z from 'zod';

const Field = z.object({
  key: z.string(),
  label: z.string(),
  type: z.string()
});

/** Feeds the settings page of our app: these are the fields among which the customer chooses for `fieldMapping`. */
const action = createAction({
  description: "Lists the custom fields of the customer's CRM",
  version: '1.0.0',
  input: z.object({}),
  output: z.object({ fields: z.array(Field) }),

  exec: async (nango) => {
    const { data } = await nango.get<{ fields: z.infer<typeof Field>[] }>({
      endpoint: '/custom-fields',
      retries: 3
    });

    return { fields: data.fields.map(({ key, label, type }) => ({ key, label, type })) };
  }
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
