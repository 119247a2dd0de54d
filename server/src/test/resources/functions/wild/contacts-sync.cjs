// An incremental sync with a checkpoint, models in two shapes and delete tracking.
// records: Contact [{"id":"c1","name":"Ada","email":null,"tags":["vip"]},{"id":"c2","name":"Bob","email":"bob@example.com","tags":[]},{"id":"77","name":"Number","email":null,"tags":[]}]
// records: Company [{"id":"x","contacts":3,"seen":"2024-01-01T00:00:00.000Z"}]
const toContact = ({ id, attributes: { name, email, labels = [] } }) => ({ id, name, email: email || null, tags: labels.filter(Boolean) });
exports.default = {
  type: 'sync',
  exec: async (nango) => {
    const checkpoint = await nango.getCheckpoint();
    let cursor = checkpoint?.cursor ?? '';
    let count = 0;
    await nango.trackDeletesStart('Contact');
    for (;;) {
      const { data } = await nango.get({ endpoint: '/contacts', params: { ...(cursor && { cursor }), updated_after: nango.lastSyncDate?.toISOString() ?? '' } });
      const contacts = data.data.map(toContact);
      await nango.batchSave(contacts, 'Contact');
      count += contacts.length;
      cursor = data.links.next ?? '';
      if (!cursor) break;
      await nango.saveCheckpoint({ cursor });
    }
    await nango.trackDeletesEnd('Contact');
    await nango.batchSave([{ id: 'x', contacts: count, seen: new Date('2024-01-01') }], 'Company');
    await nango.batchSave([{ id: 'gone' }], 'Company');
    await nango.batchDelete([{ id: 'gone' }], 'Company');
    await nango.clearCheckpoint();
    await nango.log(`saved ${count}`, { count });
  },
};
