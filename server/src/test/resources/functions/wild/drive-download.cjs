// Bytes as base64, as a stream of chunks, and text that is not JSON.
// expects: {"base64":"AAEC//4=","size":5,"type":"application/octet-stream","streamed":"000102fffe","text":"plain text","parsed":"object","csv":[{"id":"1","name":"Ada, Countess"},{"id":"2","name":"Grace"}]}
const csv = (text) => {
  const [head, ...rows] = text.trim().split(/\r?\n/).map((line) => [...line.matchAll(/("([^"]*)"|[^,]*)(?:,|$)/g)].map((m) => m[2] ?? m[1]));
  return rows.map((row) => Object.fromEntries(head.map((name, i) => [name, row[i]]).filter(([name]) => name)));
};
exports.default = {
  type: 'action',
  exec: async (nango) => {
    const file = await nango.get({ endpoint: '/bin', responseType: 'arraybuffer' });
    const stream = await nango.get({ endpoint: '/bin', responseType: 'stream' });
    const chunks = [];
    for await (const chunk of stream.data) chunks.push(chunk);
    const plain = await nango.get({ endpoint: '/text' });
    const sheet = await nango.proxy({ method: 'GET', endpoint: '/csv', responseType: 'text' });
    return {
      base64: Buffer.from(file.data).toString('base64'),
      size: file.data.byteLength,
      type: file.headers['content-type'],
      streamed: Buffer.concat(chunks).toString('hex'),
      text: plain.data,
      parsed: typeof (await nango.get({ endpoint: '/echo' })).data,
      csv: csv(sheet.data),
    };
  },
};
