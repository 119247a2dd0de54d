// A function of the first generation: the default export is the function itself.
// expects: {"hello":"world"}
Object.defineProperty(exports, '__esModule', { value: true });
exports.default = fetchData;
async function fetchData(nango, input) {
  await nango.log('legacy', input);
  return { hello: input.name ?? 'world' };
}
