// Pages through an API as its input says; answers the pages and what on_page was told.
module.exports = {
  default: {
    type: 'action',
    exec: async (nango, { config }) => {
      const told = [];
      const on_page = async ({ nextPageParam, response }) => {
        told.push([nextPageParam ?? null, response.status]);
      };
      const pages = [];
      for await (const page of nango.paginate({ ...config, paginate: { ...config.paginate, on_page } })) pages.push(page);
      return { pages, told };
    },
  },
};
