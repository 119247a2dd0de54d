// GraphQL answers 200 for failures; the function waits and asks again itself.
// expects: {"titles":["Hat","Coat","Scarf"],"attempts":4}
const QUERY = /* GraphQL */ `
  query ($cursor: String) {
    products(first: 2, after: $cursor) { edges { node { title } } pageInfo { hasNextPage endCursor } }
  }
`;
class Throttled extends Error {
  constructor(message, options) {
    super(message, options);
    this.name = 'Throttled';
  }
}
class Shop {
  #nango;
  attempts = 0;
  static WAIT = 15;
  constructor(nango) {
    this.#nango = nango;
  }
  async #ask(variables) {
    this.attempts++;
    const { data } = await this.#nango.post({ endpoint: '/graphql', data: { query: QUERY, variables } });
    if (data.errors?.some(({ extensions }) => extensions?.code === 'THROTTLED')) throw new Throttled('slow down', { cause: data.errors });
    return data.data;
  }
  async ask(variables, left = 3) {
    try {
      return await this.#ask(variables);
    } catch (error) {
      if (!(error instanceof Throttled) || left === 0 || !Array.isArray(error.cause)) throw error;
      await new Promise((resolve) => setTimeout(resolve, Shop.WAIT));
      return this.ask(variables, left - 1);
    }
  }
}
exports.default = {
  type: 'action',
  exec: async (nango) => {
    const shop = new Shop(nango);
    const titles = [];
    for (let cursor = null, more = true; more; ) {
      const { products } = await shop.ask({ cursor });
      titles.push(...products.edges.map(({ node: { title } }) => title));
      ({ hasNextPage: more, endCursor: cursor } = products.pageInfo);
    }
    return { titles, attempts: shop.attempts };
  },
};
