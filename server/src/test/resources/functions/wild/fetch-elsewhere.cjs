// Calls without the connection's credentials, to addresses of any form.
// expects: {"redirected":true,"ok":true,"json":{"ok":true},"url":"/echo?q=a|b&r=[1]","key":null,"sent":"{\"a\":1}","missing":[404,false],"refused":"url_not_allowed"}
exports.default = {
  type: 'action',
  exec: async (nango) => {
    const own = await nango.get({ endpoint: '/echo' });
    if (own.data.headers['x-key'] !== 'wild-key') throw new Error('the credentials are not sent');
    const { origin } = new URL(own.config.url);
    const moved = await nango.uncontrolledFetch({ url: new URL('/redirect', origin) });
    const echo = await nango.uncontrolledFetch({
      url: new URL(`${origin}/echo?q=a|b&r=[1]`), method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ a: 1 }),
    });
    const told = await echo.json();
    const missing = await nango.uncontrolledFetch({ url: new URL('/nowhere', origin) });
    const refused = await nango.uncontrolledFetch({ url: new URL('http://169.254.169.254/latest') }).catch((e) => e.payload?.code ?? e.type);
    return {
      redirected: moved.redirected,
      ok: moved.ok,
      json: await moved.json(),
      url: told.url,
      key: told.headers['x-key'] ?? null,
      sent: told.body,
      missing: [missing.status, missing.ok],
      refused,
    };
  },
};
