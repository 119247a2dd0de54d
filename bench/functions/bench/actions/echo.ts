import { createAction } from 'nango';
import * as z from 'zod';

const Message = z.object({ message: z.string() });

/** The cheapest possible action, so that the measured cost is that of the platform. */
const action = createAction({
  description: 'Answers what it was given',
  version: '1.0.0',
  input: Message,
  output: Message,

  exec: async (_nango, input) => input
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
