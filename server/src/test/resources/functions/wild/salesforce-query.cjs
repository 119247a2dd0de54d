// Follows relative links that the API gives for the next page, and renames fields.
// expects: {"pages":3,"accounts":[{"id":"001","name":"Acme","employees":12,"website":null},{"id":"002","name":"Brío & Söhne","employees":null,"website":"https://brio.example"},{"id":"003","name":"Cäsar","employees":0,"website":null}],"query":"SELECT Id, Name FROM Account WHERE LastModifiedDate > 2024-01-01T00:00:00.000Z AND Name LIKE 'A%'"}
function toAccount({ Id, Name, NumberOfEmployees = null, Website }) {
  return { id: Id, name: Name, employees: NumberOfEmployees, website: Website ?? null };
}
exports.default = {
  type: 'action',
  exec: async (nango, input) => {
    const since = new Date(input.since ?? Date.UTC(2024, 0, 1)).toISOString();
    const q = `SELECT Id, Name FROM Account WHERE LastModifiedDate > ${since} AND Name LIKE 'A%'`;
    let endpoint = '/soql';
    let params = { q };
    const accounts = [];
    let pages = 0;
    let query;
    while (endpoint) {
      const { data } = await nango.get({ endpoint, params, retries: 3 });
      query ??= data.asked;
      accounts.push(...data.records.map(toAccount));
      pages += 1;
      endpoint = data.done ? undefined : data.nextRecordsUrl;
      params = undefined;
    }
    return { pages, accounts, query };
  },
};
