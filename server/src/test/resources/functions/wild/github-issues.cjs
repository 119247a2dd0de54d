// The platform's own paging by the Link header, and by options of the definition's style.
// expects: {"linked":[[1,2],[3,4],[5]],"offset":[1,2,3,4,5],"cursor":[1,2,3,4,5]}
exports.default = {
  type: 'action',
  exec: async (nango) => {
    const linked = [];
    for await (const issues of nango.paginate({
      endpoint: '/issues',
      params: { state: 'all' },
      paginate: { type: 'link', link_rel_in_response_header: 'next', limit_name_in_request: 'per_page', limit: 2 },
    })) {
      linked.push(issues.filter((issue) => !issue.pull_request).map((issue) => issue.number));
    }
    const offset = [];
    for await (const page of nango.paginate({
      endpoint: '/offset',
      paginate: { type: 'offset', offset_name_in_request: 'start', limit_name_in_request: 'count', limit: 2, response_path: 'data.values' },
    })) {
      offset.push(...page);
    }
    const cursor = [];
    for await (const page of nango.paginate({
      method: 'POST',
      endpoint: '/cursor',
      data: { sort: 'asc' },
      paginate: {
        type: 'cursor', cursor_name_in_request: 'page.after', cursor_path_in_response: 'meta.next', response_path: 'values',
        limit_name_in_request: 'page.size', limit: 2,
      },
    })) {
      cursor.push(...page);
    }
    return { linked, offset, cursor };
  },
};
