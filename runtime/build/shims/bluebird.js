// `bluebird`: the part that unzipper uses, with the language's promises.
exports.props = async (object) => {
  const values = await Promise.all(Object.values(object));
  return Object.fromEntries(Object.keys(object).map((name, index) => [name, values[index]]));
};

exports.mapSeries = async (list, change) => {
  const items = await list;
  const results = [];
  for (let index = 0; index < items.length; index++) results.push(await change(await items[index], index, items.length));
  return results;
};

exports.map = async (list, change, { concurrency = Infinity } = {}) => {
  const items = await list;
  const results = new Array(items.length);
  let next = 0;
  const work = async () => {
    for (let index = next++; index < items.length; index = next++) results[index] = await change(await items[index], index, items.length);
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, work));
  return results;
};
