// Plain JavaScript that mappings use.
// expects: {"iso":"2024-02-29T12:30:00.000Z","day":"Thursday","berlin":"29.02.2024, 13:30","money":"€1,234.50","sorted":["Äpfel","apfel","Zebra"],"groups":{"open":["1","3"],"done":["2"]},"unique":["a","b"],"nested":{"x":[1,{"y":null}]},"flat":[1,2,3,4],"at":4,"big":"9007199254740993","last":{"id":3},"padded":"007","week":9}
const groupBy = (list, key) => list.reduce((groups, item) => ({ ...groups, [key(item)]: [...(groups[key(item)] ?? []), item.id] }), {});
exports.default = {
  type: 'action',
  exec: async () => {
    const date = new Date(Date.UTC(2024, 1, 29, 12, 30));
    const tasks = [{ id: '1', s: 'open' }, { id: '2', s: 'done' }, { id: '3', s: 'open' }];
    const start = new Date(Date.UTC(date.getUTCFullYear(), 0, 1));
    label: for (const a of [1, 2]) for (const b of [1, 2]) if (a * b === 2) break label;
    return {
      iso: date.toISOString(),
      day: date.toLocaleDateString('en-US', { weekday: 'long', timeZone: 'UTC' }),
      berlin: new Intl.DateTimeFormat('de-DE', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'Europe/Berlin' }).format(date),
      money: new Intl.NumberFormat('en-US', { style: 'currency', currency: 'EUR' }).format(1234.5),
      sorted: ['Zebra', 'apfel', 'Äpfel'].sort((a, b) => a.localeCompare(b, 'de', { sensitivity: 'base' }) || b.localeCompare(a)),
      groups: groupBy(tasks, (t) => t.s),
      unique: [...new Set(['a', 'b', 'a'])],
      nested: JSON.parse(JSON.stringify({ x: [1, { y: null, z: undefined }], f() {} })),
      flat: [[1, [2]], [3, 4]].flat(Infinity),
      at: [1, 4].at(-1),
      big: String(2n ** 53n + 1n),
      last: [{ id: 1 }, { id: 3 }].findLast((x) => x.id),
      padded: '7'.padStart(3, '0'),
      week: Math.ceil(((date - start) / 86_400_000 + start.getUTCDay() + 1) / 7),
    };
  },
};
