// A tree of blocks, walked with a few calls at a time.
// expects: {"markdown":"# Root\n  - one\n    - deep\n  - two\n  - three","most":2,"calls":5}
function pool(size) {
  let running = 0;
  const waiting = [];
  const stats = { most: 0, calls: 0 };
  const next = () => {
    if (running >= size || waiting.length === 0) return;
    running += 1;
    stats.calls += 1;
    stats.most = Math.max(stats.most, running);
    const { task, resolve, reject } = waiting.shift();
    task().then(resolve, reject).finally(() => {
      running -= 1;
      next();
    });
  };
  return { stats, run: (task) => new Promise((resolve, reject) => { waiting.push({ task, resolve, reject }); next(); }) };
}
exports.default = {
  type: 'action',
  exec: async (nango) => {
    const { run, stats } = pool(2);
    const children = async (id) => (await run(() => nango.get({ endpoint: `/blocks/${encodeURIComponent(id)}/children` }))).data.results;
    const render = async (block, depth) => {
      const own = `${'  '.repeat(depth)}${depth === 0 ? '#' : '-'} ${block.text}`;
      if (!block.has_children) return own;
      const below = await Promise.all((await children(block.id)).map((child) => render(child, depth + 1)));
      return [own, ...below].join('\n');
    };
    return { markdown: await render({ id: 'root/1', text: 'Root', has_children: true }, 0), ...stats };
  },
};
