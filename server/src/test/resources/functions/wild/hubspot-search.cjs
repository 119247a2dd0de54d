// Pages by a cursor inside the body of a POST, written by hand, in an async generator.
// expects: {"ids":["1","2","3","4","5"],"bodies":[{"filterGroups":[{"filters":[{"propertyName":"email","operator":"HAS_PROPERTY"}]}],"limit":2},{"filterGroups":[{"filters":[{"propertyName":"email","operator":"HAS_PROPERTY"}]}],"limit":2,"after":"2"},{"filterGroups":[{"filters":[{"propertyName":"email","operator":"HAS_PROPERTY"}]}],"limit":2,"after":"4"}]}
async function* search(nango, filters, limit) {
  let after;
  do {
    const response = await nango.post({
      endpoint: '/crm/search',
      data: { filterGroups: [{ filters }], limit, ...(after && { after }) },
      retries: 10,
    });
    yield response.data;
    after = response.data.paging?.next?.after;
  } while (after);
}
exports.default = {
  type: 'action',
  exec: async (nango) => {
    const ids = [];
    const bodies = [];
    for await (const { results, asked } of search(nango, [{ propertyName: 'email', operator: 'HAS_PROPERTY' }], 2)) {
      ids.push(...results.map((r) => r.id));
      bodies.push(asked);
    }
    return { ids, bodies };
  },
};
