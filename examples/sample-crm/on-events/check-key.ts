import { createOnEvent } from 'nango';

/** A connection whose key the CRM refuses never comes into being: throwing here rejects it, with this message. */
export default createOnEvent({
  event: 'validate-connection',
  description: 'Asks the CRM whether the key works',
  version: '1.0.0',

  exec: async (nango) => {
    const { data } = await nango.get<{ account?: unknown }>({ endpoint: '/me' });
    if (!data.account) {
      throw new nango.ActionError({ message: 'The CRM accepted the key but named no account' });
    }
  }
});
