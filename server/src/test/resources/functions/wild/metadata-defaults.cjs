// Settings with defaults, kept and merged; the connection and what it tells.
// expects: {"first":{"region":"eu","mapping":{"a":"b"},"pageSize":50},"updated":{"region":"us","mapping":{"a":"b"},"since":"2024-01-01T00:00:00.000Z"},"id":"wild","type":"API_KEY","same":true,"integration":"crm","mapped":{"b":1}}
const DEFAULTS = Object.freeze({ region: 'eu', pageSize: 50 });
exports.default = {
  type: 'action',
  exec: async (nango) => {
    const { getMetadata, updateMetadata } = nango;
    await nango.setMetadata({ mapping: { a: 'b' } });
    const first = { ...DEFAULTS, ...(await getMetadata()) };
    await updateMetadata({ region: 'us', since: new Date(0).getTime() === 0 ? new Date('2024-01-01').toJSON() : null });
    const updated = await getMetadata();
    const connection = await nango.getConnection();
    const mapped = Object.fromEntries(Object.entries({ a: 1 }).map(([k, v]) => [updated.mapping[k], v]));
    return {
      first: { region: first.region, mapping: first.mapping, pageSize: first.pageSize },
      updated: { region: updated.region, mapping: updated.mapping, since: updated.since },
      id: nango.connectionId,
      type: connection.credentials.type,
      same: connection.connection_id === nango.connectionId,
      integration: nango.providerConfigKey,
      mapped,
    };
  },
};
