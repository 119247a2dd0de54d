// Calls that are refused at first and repeated by the platform.
// expects: {"tries":2,"data":"welcome","teapot":418}
exports.default = {
  type: 'action',
  exec: async (nango) => {
    const response = await nango.get({ endpoint: '/limited', retries: 2, retryHeader: { after: 'x-wait' } });
    const teapot = await nango.get({ endpoint: '/status/418', retries: 5 }).catch((e) => e.response.status);
    return { tries: response.data.tries, data: response.data.text, teapot };
  },
};
