import { createAction } from 'nango';
import * as z from 'zod';
import { tell } from '../helpers/tell.js';

/** §9: every kind of pagination. */
const action = createAction({
    description: 'Pages of every kind',
    input: z.object({ api: z.string() }),
    output: z.any(),
    exec: async (nango) => {
        const all = async (config: any) => {
            const pages: unknown[] = [];
            for await (const page of nango.paginate<any>(config)) pages.push(page);
            return pages;
        };
        const cursor = { type: 'cursor', cursor_name_in_request: 'after', cursor_path_in_response: 'meta.next', response_path: 'data.items', limit_name_in_request: 'size', limit: 3 };
        const offset = { type: 'offset', offset_name_in_request: 'offset', limit_name_in_request: 'limit', limit: 3, response_path: 'items' };
        return await tell({
            'the provider has defaults': () => all({ endpoint: '/link' }),
            'link: the limit goes with the first call': async () => {
                const urls: string[] = [];
                const on_page = async ({ response }: any) => void urls.push(response.data.url);
                await all({ endpoint: '/link', params: { x: '1' }, paginate: { limit: 2, limit_name_in_request: 'per_page', on_page } });
                return urls;
            },
            'link: from the body': () => all({ endpoint: '/link', paginate: { type: 'link', link_rel_in_response_header: 'no-such', link_path_in_response_body: 'next', response_path: 'items' } }),
            'link: on_page tells the next one': async () => {
                const seen: unknown[] = [];
                await all({ endpoint: '/link', paginate: { link_path_in_response_body: 'next', link_rel_in_response_header: '', on_page: async ({ nextPageParam, response }: any) => void seen.push([nextPageParam ?? null, response.status]) } });
                return seen;
            },
            'link: a limit without a name is left out': async () => (await all({ endpoint: '/link', paginate: { limit: 5 } })).length,
            'cursor': () => all({ endpoint: '/cursor', paginate: cursor }),
            'cursor: on_page': async () => {
                const seen: unknown[] = [];
                await all({ endpoint: '/cursor', paginate: { ...cursor, on_page: async ({ nextPageParam }: any) => void seen.push(nextPageParam ?? null) } });
                return seen;
            },
            'cursor: in the body, with dots': async () => {
                const data = { kept: 'yes' };
                const kept: unknown[] = [];
                const on_page = async ({ response }: any) => void kept.push(response.data.kept);
                const pages = await all({ method: 'POST', endpoint: '/cursor', data, paginate: { ...cursor, cursor_name_in_request: 'page.after', limit_name_in_request: 'page.size', on_page } });
                return [pages, kept, data];
            },
            'offset by size': () => all({ endpoint: '/offset', paginate: offset }),
            'offset: on_page tells the one just used': async () => {
                const seen: unknown[] = [];
                await all({ endpoint: '/offset', paginate: { ...offset, on_page: async ({ nextPageParam }: any) => void seen.push(nextPageParam) } });
                return seen;
            },
            'offset: a start value': () => all({ endpoint: '/offset', paginate: { ...offset, offset_start_value: 4 } }),
            'offset: per page': () => all({ endpoint: '/offset', paginate: { ...offset, limit: 1, offset_calculation_method: 'per-page' } }),
            'a break ends it': async () => {
                for await (const page of nango.paginate({ endpoint: '/offset', paginate: offset } as any)) return page;
                return undefined;
            },
            'the whole body without a path': async () => (await all({ endpoint: '/link?page=3', paginate: { response_path: '' } })).length,
            'params stay as they were': async () => {
                const params = { limit: '2' };
                await all({ endpoint: '/offset', params, paginate: offset });
                return params;
            },
            'errors of a page reach the loop': async () => await all({ endpoint: '/status/500' }),
            'an unknown type': async () => await all({ endpoint: '/link', paginate: { type: 'pages' } }),
            'cursor without its name': async () => await all({ endpoint: '/cursor', paginate: { type: 'cursor', cursor_path_in_response: 'x' } }),
            'cursor without its path': async () => await all({ endpoint: '/cursor', paginate: { type: 'cursor', cursor_name_in_request: 'x' } }),
            'cursor with a limit that has no name': async () => await all({ endpoint: '/cursor', paginate: { ...cursor, limit_name_in_request: undefined } }),
            'link without a place': async () => await all({ endpoint: '/link', paginate: { type: 'link', link_rel_in_response_header: '' } }),
            'offset without its name': async () => await all({ endpoint: '/offset', paginate: { type: 'offset' } }),
        });
    },
});

export default action;
