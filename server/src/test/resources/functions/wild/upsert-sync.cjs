// Reads what was saved to decide what to write, and updates parts of it.
// records: Contact [{"id":"2","name":"Bob","nested":{"a":1}},{"id":"1","name":"Ada L.","nested":{"a":1,"b":2}}]
exports.default = {
  type: 'sync',
  exec: async (nango) => {
    await nango.batchSave([{ id: '1', name: 'Ada', nested: { a: 1 } }, { id: '2', name: 'Bob', nested: { a: 1 } }], 'Contact');
    const known = await nango.getRecordsByIds(['1', '2', '3'], 'Contact');
    if (known.size !== 2 || known.get('1').name !== 'Ada' || known.has('3')) throw new Error('wrong: ' + JSON.stringify([...known]));
    const changes = [...known.values()].filter((r) => r.name === 'Ada').map(({ id }) => ({ id, name: 'Ada L.', nested: { b: 2 } }));
    await nango.batchUpdate(changes, 'Contact');
  },
};
