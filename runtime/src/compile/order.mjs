/**
 * Checks the order in which a sync calls related methods. Only calls written in `exec` itself are checked. Like the official compiler, this
 * compares lines: of two calls on one line neither comes first.
 */
import { simple } from 'acorn-walk';

const BATCHES = new Set(['batchSave', 'batchDelete', 'batchUpdate']);
const PROXY = new Set(['get', 'post', 'put', 'patch', 'delete', 'proxy']);

/** The method's name when the node is `nango.<method>(…)`; `nango?.<method>(…)` is not checked. */
export const nangoCall = (node) => node?.type === 'CallExpression' && node.callee.type === 'MemberExpression' && !node.callee.computed
  && !node.optional && !node.callee.optional && node.callee.object.type === 'Identifier' && node.callee.object.name === 'nango'
  ? node.callee.property.name : undefined;

function callsOf(exec, lineOf) {
  const calls = [];
  simple(exec, {
    CallExpression(node) {
      const method = nangoCall(node);
      const model = node.arguments[0];
      if (method) calls.push({ method, node, at: lineOf(node), model: model?.type === 'Literal' ? String(model.value) : undefined });
    },
  });
  return calls.sort((a, b) => a.node.start - b.node.start);
}

/**
 * @param {object} definition the object literal of the function
 * @param {(node: object) => number} lineOf the author's line
 * @param {(node: object, type: string, message: string) => void} refuse
 */
export function checkOrder(definition, lineOf, refuse) {
  const exec = definition.properties.find(({ key }) => key?.name === 'exec')?.value;
  if (!exec) return;
  const calls = callsOf(exec, lineOf);
  const of = (test) => calls.filter(({ method }) => (typeof test === 'string' ? method === test : test.has(method)));
  const batches = of(BATCHES);
  checkMerging(of('setMergingStrategy'), batches, of(PROXY), refuse);
  checkPrevious(of('deleteRecordsFromPreviousExecutions'), batches, refuse);
  checkTracking(of('trackDeletesStart'), of('trackDeletesEnd'), batches, refuse);
}

function checkMerging(strategies, batches, proxies, refuse) {
  for (const strategy of strategies) {
    if (batches.some(({ at }) => at < strategy.at)) refuse(strategy.node, 'nango_setMergingStrategy_after_batching', 'setMergingStrategy must come before any batch');
    if (proxies.some(({ at }) => at < strategy.at)) refuse(strategy.node, 'nango_setMergingStrategy_after_proxy', 'setMergingStrategy must come before any call of the provider');
  }
}

function checkPrevious(deletes, batches, refuse) {
  const [first, second] = deletes;
  if (second) refuse(second.node, 'nango_deleteRecords_only_once', 'deleteRecordsFromPreviousExecutions may be called once');
  if (first && batches.some(({ at }) => at > first.at)) refuse(first.node, 'nango_deleteRecords_after_batching', 'deleteRecordsFromPreviousExecutions must come after the batches');
}

function checkTracking(starts, ends, batches, refuse) {
  for (const model of new Set([...starts, ...ends].map((call) => call.model).filter(Boolean))) {
    const [start, again] = starts.filter((call) => call.model === model);
    const [end, twice] = ends.filter((call) => call.model === model);
    const more = again ?? twice;
    if (more) refuse(more.node, 'nango_trackDeletes_only_once', `${more.method} may be called once for the model ${model}`);
    if (!end) refuse(start.node, 'nango_trackDeletes_without_end', `trackDeletesStart('${model}') has no trackDeletesEnd`);
    if (!start || start.at > end.at) refuse(end.node, 'nango_trackDeletes_without_start', `trackDeletesEnd('${model}') has no trackDeletesStart before it`);
    if (batches.some(({ at }) => at < start.at)) refuse(start.node, 'nango_trackDeletesStart_after_batching', `trackDeletesStart('${model}') must come before any batch`);
    if (batches.some(({ at }) => at > end.at)) refuse(end.node, 'nango_trackDeletesEnd_before_batching', `trackDeletesEnd('${model}') must come after all batches`);
  }
}
