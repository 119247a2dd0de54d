// Forms, query strings and headers as integrations build them.
// expects: {"form":"email=a+b@example.com&items[0][price]=p_1&items[0][quantity]=2&metadata[order+id]=6735&tags[]=x&tags[]=y","type":"application/x-www-form-urlencoded","search":"a=1&a=2&q=x+y%26z","params":"/echo?ids=1%2C2&flag=true&q=a+b%3Dc","key":"idem-1","text":"raw=1&b=%20","agent":"millrace"}
exports.default = {
  type: 'action',
  exec: async (nango) => {
    const form = await nango.post({
      endpoint: '/echo',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded', 'Idempotency-Key': 'idem-1', 'User-Agent': 'mine/1.0' },
      data: { email: 'a+b@example.com', items: [{ price: 'p_1', quantity: 2 }], metadata: { 'order id': '6735' }, tags: ['x', 'y'], none: undefined },
    });
    const search = new URLSearchParams([['a', '1'], ['a', '2']]);
    search.append('q', 'x y&z');
    const query = await nango.get({ endpoint: `/echo?${search}` });
    const params = await nango.get({ endpoint: '/echo', params: { ids: [1, 2], flag: true, q: 'a b=c' } });
    const text = await nango.post({ endpoint: '/echo', data: 'raw=1&b=%20', headers: { 'content-type': 'application/x-www-form-urlencoded' } });
    return {
      form: decodeURIComponent(form.data.body),
      type: form.data.headers['content-type'].split(';')[0],
      search: query.data.url.split('?')[1],
      params: params.data.url,
      key: form.data.headers['idempotency-key'],
      text: text.data.body,
      agent: form.data.headers['user-agent'],
    };
  },
};
