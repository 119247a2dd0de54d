// What functions read off failed calls.
// expects: {"status":422,"message":"Request failed with status code 422","code":"ERR_BAD_REQUEST","told":"email is taken","header":"0","axios":true,"instance":true,"json":["message","name","stack","config","code","status"],"url":"/refuse","method":"post","sent":"{\"email\":\"x\"}","network":"ECONNREFUSED","noResponse":true,"wrapped":"Could not create: email is taken","settled":["fulfilled","rejected"]}
class CreateError extends Error {
  get name() {
    return 'CreateError';
  }
}
const reason = (error) => error.response?.data?.errors?.[0]?.message ?? (error instanceof Error ? error.message : String(error));
exports.default = {
  type: 'action',
  exec: async (nango) => {
    let failure;
    try {
      await nango.post({ endpoint: '/refuse', data: { email: 'x' } });
    } catch (error) {
      failure = error;
    }
    const network = await nango.get({ endpoint: '/', baseUrlOverride: 'http://127.0.0.1:1' }).catch((e) => e);
    let wrapped;
    try {
      throw new CreateError(`Could not create: ${reason(failure)}`, { cause: failure });
    } catch (e) {
      wrapped = e instanceof CreateError && e.cause === failure ? e.message : 'lost';
    }
    const settled = await Promise.allSettled([nango.get({ endpoint: '/echo' }), nango.get({ endpoint: '/missing' })]);
    return {
      status: failure.response.status,
      message: failure.message,
      code: failure.code,
      told: reason(failure),
      header: failure.response.headers['x-ratelimit-remaining'],
      axios: failure.isAxiosError,
      instance: failure instanceof Error,
      json: Object.keys(failure.toJSON()),
      url: failure.config.url.replace(/^https?:\/\/[^/]+/, ''),
      method: failure.config.method,
      sent: failure.config.data,
      network: network.code,
      noResponse: network.response === undefined,
      wrapped,
      settled: settled.map((s) => s.status),
    };
  },
};
