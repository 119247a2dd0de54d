import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Worker, action } from './link.mjs';

const json = (value) => Buffer.from(JSON.stringify(value));
const ITEMS = Array.from({ length: 23 }, (_, i) => i);

/** A provider of 23 items which understands all three ways to page. */
function provider(seen) {
  return (head, body) => {
    const asked = head.bodyKind === 'json' ? JSON.parse(body) : { ...head.params };
    const query = new URL(head.endpoint, 'http://p').searchParams;
    const at = Number(asked.cursor ?? asked.page?.cursor ?? asked.offset ?? query.get('at') ?? 0);
    const size = Number(asked.limit ?? 10);
    seen.push({ ...asked, endpoint: head.endpoint, follows: head.followsLink });
    const next = at + size < ITEMS.length ? at + size : null;
    const link = next === null ? {} : { Link: `<https://a.example/v2/items?at=0>; rel="first", <https://a.example/v2/items?at=${next}>; rel="next"` };
    return {
      head: { status: 200, headers: link },
      body: json({ result: { items: ITEMS.slice(at, at + size) }, meta: { next, text: next === null ? ' ' : ` ${next} ` }, link: next === null ? undefined : `/items?at=${next}` }),
    };
  };
}

describe('paginate', () => {
  let worker;
  before(async () => {
    worker = await Worker.start();
  });
  after(() => worker.stop());

  async function pages(config, { seen = [], defaults = null, more = '' } = {}) {
    const code = action(`const config = ${config}; const pages = [], events = []; for await (const p of nango.paginate(config)) pages.push(p); ${more} return { pages, events, config };`);
    const result = await worker.run(code, { host: provider(seen), paginate: defaults });
    assert.ok(result.output, JSON.stringify(result.failed));
    return JSON.parse(result.output);
  }

  const cases = {
    'cursor numbers': "{ endpoint: '/items', paginate: { type: 'cursor', cursor_name_in_request: 'cursor', cursor_path_in_response: 'meta.next', response_path: 'result.items' } }",
    'cursor texts with a limit': "{ endpoint: '/items', paginate: { type: 'cursor', cursor_name_in_request: 'cursor', cursor_path_in_response: 'meta.text', response_path: 'result.items', limit: 7, limit_name_in_request: 'limit' } }",
    'cursors in a body': "{ endpoint: '/items', method: 'POST', data: { q: 1 }, paginate: { type: 'cursor', cursor_name_in_request: 'page.cursor', cursor_path_in_response: 'meta.next', response_path: 'result.items' } }",
    'links in headers': "{ endpoint: '/items', params: { q: 1 }, paginate: { type: 'link', link_rel_in_response_header: 'next', response_path: 'result.items' } }",
    'links in bodies': "{ endpoint: '/items', paginate: { type: 'link', link_path_in_response_body: 'link', response_path: 'result.items' } }",
    offsets: "{ endpoint: '/items', paginate: { type: 'offset', offset_name_in_request: 'offset', response_path: 'result.items' } }",
    'offsets with a limit': "{ endpoint: '/items', paginate: { type: 'offset', offset_name_in_request: 'offset', response_path: 'result.items', limit: 5, limit_name_in_request: 'limit' } }",
  };
  for (const [name, config] of Object.entries(cases)) {
    it(`sees every item once: ${name}`, async () => {
      const { pages: found } = await pages(config);
      assert.deepEqual(found.flat(), ITEMS);
    });
  }

  it('leaves the caller\'s objects as they were', async () => {
    const { config } = await pages(cases['cursors in a body']);
    assert.deepEqual(config.data, { q: 1 });
  });

  it('hands links over as they came, without the first params', async () => {
    const seen = [];
    await pages(cases['links in headers'], { seen });
    assert.deepEqual(seen.map(({ q, endpoint, follows }) => [q, endpoint, follows]), [
      [1, '/items', undefined], [undefined, 'https://a.example/v2/items?at=10', true], [undefined, 'https://a.example/v2/items?at=20', true],
    ]);
  });

  it('overlays the settings of the provider', async () => {
    const defaults = { type: 'cursor', cursor_name_in_request: 'nope', cursor_path_in_response: 'meta.next', response_path: 'result.items' };
    const { pages: found } = await pages("{ endpoint: '/items', paginate: { cursor_name_in_request: 'cursor' } }", { defaults });
    assert.deepEqual(found.flat(), ITEMS);
  });

  it('tells on_page what comes next', async () => {
    const seen = [];
    const config = "{ endpoint: '/items', paginate: { type: 'cursor', cursor_name_in_request: 'cursor', cursor_path_in_response: 'meta.next', response_path: 'result.items', on_page: async ({ nextPageParam, response }) => { globalThis.seen = [...(globalThis.seen ?? []), [nextPageParam ?? null, response.status]]; } } }";
    const { events } = await pages(config, { seen, more: 'events.push(...globalThis.seen);' });
    assert.deepEqual(events, [[10, 200], [20, 200], [null, 200]]);
  });

  async function paged(paginate, answers) {
    const urls = [];
    const host = (head) => {
      const { cursor = '' } = head.params ?? {};
      urls.push(`${head.endpoint}${cursor && `?${cursor}`}`);
      return { head: { status: 200 }, body: json(answers[urls.at(-1)]) };
    };
    const code = action(`const pages = []; for await (const page of nango.paginate({ endpoint: '/list', paginate: ${JSON.stringify(paginate)} })) pages.push(page); return pages;`);
    const { output, failed } = await worker.run(code, { host });
    assert.ok(output, JSON.stringify(failed));
    return { pages: JSON.parse(output), urls };
  }

  it('follows a link under a key with a dot in it', async () => {
    const { pages: found, urls } = await paged(
      { type: 'link', link_path_in_response_body: '@odata.nextLink', response_path: 'value' },
      { '/list': { value: [1, 2], '@odata.nextLink': 'https://a.example/list?t=2' }, 'https://a.example/list?t=2': { value: [3] } },
    );
    assert.deepEqual(found, [[1, 2], [3]]);
    assert.equal(urls.length, 2);
  });

  it('finds a cursor by brackets', async () => {
    const { pages: found } = await paged(
      { type: 'cursor', cursor_path_in_response: 'page[0].next', cursor_name_in_request: 'cursor', response_path: 'items' },
      { '/list': { items: [1], page: [{ next: 'n' }] }, '/list?n': { items: [2], page: [{}] } },
    );
    assert.deepEqual(found, [[1], [2]]);
  });

  for (const items of [{ message: 'none' }, 7, true, null]) {
    it(`takes ${JSON.stringify(items)} for no page`, async () => {
      const cursor = { type: 'cursor', cursor_path_in_response: 'next', cursor_name_in_request: 'cursor', response_path: 'items' };
      assert.deepEqual((await paged(cursor, { '/list': { items, next: 'n' } })).pages, []);
      const offset = { type: 'offset', offset_name_in_request: 'from', response_path: 'items' };
      assert.deepEqual((await paged(offset, { '/list': { items } })).pages, []);
      const link = { type: 'link', link_path_in_response_body: 'next', response_path: 'items' };
      assert.deepEqual((await paged(link, { '/list': { items, next: '/more' }, '/more': { items: [1] } })).pages, [[], [1]]);
    });
  }

  it('ends when a cursor comes back', async () => {
    const host = () => ({ head: { status: 200 }, body: json({ items: [1], next: 'same' }) });
    const code = action("const all = []; for await (const p of nango.paginate({ endpoint: '/', paginate: { type: 'cursor', cursor_name_in_request: 'c', cursor_path_in_response: 'next', response_path: 'items' } })) all.push(...p); return all;");
    assert.equal((await worker.run(code, { host })).output, '[1,1]');
  });

  it('refuses settings that cannot work', async () => {
    const messages = {
      "{ endpoint: '/' }": 'There was no pagination configuration for this integration or configuration passed in.',
      "{ endpoint: '/', paginate: {} }": 'There was no pagination configuration for this integration or configuration passed in.',
      "{ endpoint: '/', paginate: { type: 'x' } }": 'Pagination type x is not supported. Only cursor, link and offset pagination types are supported.',
      "{ endpoint: '/', paginate: { type: 'cursor' } }": 'Param cursor_name_in_request is required for cursor pagination',
      "{ endpoint: '/', paginate: { type: 'cursor', cursor_name_in_request: 'c', cursor_path_in_respons: 'next' } }":
        'Param cursor_path_in_response is required for cursor pagination. The key cursor_path_in_respons is unknown: did you mean cursor_path_in_response?',
      "{ endpoint: '/', paginate: { type: 'link' } }": 'Either param link_rel_in_response_header or link_path_in_response_body is required for link pagination',
      "{ endpoint: '/', paginate: { type: 'offset' } }": 'Param offset_name_in_request is required for offset pagination.',
    };
    for (const [config, message] of Object.entries(messages)) {
      const { failed } = await worker.run(action(`for await (const p of nango.paginate(${config})) return p;`));
      assert.equal(failed.payload.message, message);
    }
  });
});
