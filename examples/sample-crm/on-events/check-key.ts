import { createOnEvent } from 'nango';

/** Throwing an error rejects the connection, with this message. */
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
