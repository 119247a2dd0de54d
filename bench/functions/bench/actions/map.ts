import { createAction } from 'nango';
import * as z from 'zod';
import { mapAll } from '../mapping.js';

/** The cost of a function that computes, to be compared with plain Node. */
const action = createAction({
  description: 'Checks and maps records',
  version: '1.0.0',
  input: z.object({ count: z.number() }),
  output: z.object({ length: z.number() }),

  exec: async (_nango, input) => ({ length: mapAll(input.count) })
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
