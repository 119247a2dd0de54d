// XML read by regular expressions; entities; a date without a zone.
// expects: [{"id":"7","title":"Fish & \"Chips\"","tags":["a","b"],"at":"2024-05-06T07:08:09.000Z"},{"id":"8","title":"Größe","tags":[],"at":null}]
const decode = (s) => s.replace(/&(amp|quot|lt|gt|#\d+);/g, (_, e) => ({ amp: '&', quot: '"', lt: '<', gt: '>' })[e] ?? String.fromCodePoint(Number(e.slice(1))));
const tag = (xml, name) => xml.match(new RegExp(`<${name}>([\\s\\S]*?)</${name}>`))?.[1];
exports.default = {
  type: 'action',
  exec: async (nango) => {
    const { data } = await nango.get({ endpoint: '/feed.xml', headers: { Accept: 'application/xml' } });
    return [...data.matchAll(/<item id="(?<id>\d+)">(?<body>[\s\S]*?)<\/item>/g)].map(({ groups: { id, body } }) => ({
      id,
      title: decode(tag(body, 'title')),
      tags: [...body.matchAll(/<tag>(.*?)<\/tag>/g)].map(([, t]) => t),
      at: tag(body, 'at') ? new Date(`${tag(body, 'at')}Z`).toISOString() : null,
    }));
  },
};
