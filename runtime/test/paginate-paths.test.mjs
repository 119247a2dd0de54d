/** The paths of paginate against lodash's own get and set, whose grammar authors know. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import lodash from 'lodash';
import { Worker, action } from './link.mjs';

// MILLRACE_CASES multiplies the number of random cases.
const CASES = 2_000 * Number(process.env.MILLRACE_CASES ?? 1);
const BATCH = 500;
const KEYS = ['a', 'b', 'c', '0', '1', '-1', '01', '1.5', '', ' ', 'a.b', '@odata.nextLink', '.', '..', 'a[0]', '[0]', '[]', "it's", '"', '\\', 'a\\', 'length', 'é', '\u{1F600}'];
const PARTS = [...KEYS, '.', '.', '.', '[', ']', '[0]', '[1]', '[-1]', '[1.5]', '[a]', '[]', "['a']", '["b"]', "['a.b']", "['it\\'s']", '["\\\\"]', "['']", '[a.b]', "['a", 'a]', '\\.', '9007199254740990', '9007199254740991'];
const REFUSED = ['__proto__', 'constructor', 'prototype'];

/** Repeats the same numbers in every run. */
function random(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function tree(next, depth, leaf) {
  if (depth === 0 || next(5) === 0) return leaf();
  if (next(4) === 0) return Array.from({ length: 1 + next(2) }, () => tree(next, depth - 1, leaf));
  const object = {};
  for (let count = 1 + next(5); count > 0; count--) object[KEYS[next(KEYS.length)]] = tree(next, depth - 1, leaf);
  return object;
}

/** Half of them lead through what is there, the others are made of any pieces. */
function path(next, value, parts) {
  let text = '';
  if (next(2) === 0) {
    for (let count = next(6); count > 0; count--) text += parts[next(parts.length)];
    return text;
  }
  let at = value;
  for (let steps = 1 + next(4); steps > 0 && at !== null && typeof at === 'object'; steps--) {
    const keys = Object.keys(at);
    const key = keys[next(keys.length)] ?? 'a';
    const plain = !/[.[\]]/.test(key) && key !== '';
    const dotted = plain && next(2) === 0;
    if (dotted) text += `${text === '' ? '' : '.'}${key}`;
    else if (/^\d+$/.test(key) && next(2) === 0) text += `[${key}]`;
    else text += next(4) === 0 ? `.${key}` : `['${key.replace(/[\\']/g, '\\$&')}']`;
    at = at[key];
  }
  return text;
}

function cases(seed, leafOf, parts) {
  const next = random(seed);
  return Array.from({ length: CASES }, (_, i) => {
    const data = tree(next, 4, leafOf(i));
    const object = data !== null && typeof data === 'object' && !Array.isArray(data) ? data : { a: data };
    return { data: object, path: path(next, object, parts) };
  });
}

/** The length of an array takes no text: that is an error in both. */
function isWritable({ data, path: wanted }) {
  try {
    lodash.set(structuredClone(data), wanted, 'c');
    return true;
  } catch (error) {
    assert.equal(error.name, 'RangeError');
    return false;
  }
}

describe('paths of paginate', () => {
  let worker;
  before(async () => {
    worker = await Worker.start();
  });
  after(() => worker.stop());

  async function each(all, code, host) {
    const outputs = [];
    for (let from = 0; from < all.length; from += BATCH) {
      const some = all.slice(from, from + BATCH);
      const result = await worker.run(action(code), { input: some, host: (head, body) => host(some, head, body, from) });
      assert.ok(result.output, JSON.stringify(result.failed));
      outputs.push(...JSON.parse(result.output));
    }
    return outputs;
  }

  it('read as lodash reads', async () => {
    const all = cases(1, (i) => () => [`leaf ${i}`], [...PARTS, ...REFUSED]);
    const pages = await each(
      all,
      `const pages = [];
       for (const [at, { path }] of input.entries()) {
         for await (const page of nango.paginate({ endpoint: '/' + at, paginate: { type: 'link', link_rel_in_response_header: 'next', response_path: path } })) pages.push(page);
       }
       return pages;`,
      (some, head) => ({ head: { status: 200 }, body: Buffer.from(JSON.stringify(some[Number(head.endpoint.slice(1))].data)) }),
    );

    let found = 0;
    all.forEach(({ data, path: wanted }, at) => {
      const value = wanted === '' ? data : lodash.get(data, wanted); // an empty path means the whole answer
      const expected = value?.length > 0 && typeof value !== 'function' ? value : [];
      found += expected.length > 0 ? 1 : 0;
      assert.deepEqual(pages[at], JSON.parse(JSON.stringify(expected)), `${JSON.stringify(wanted)} of ${JSON.stringify(data)}`);
    });
    assert.ok(found > CASES / 5, `only ${found} paths lead anywhere`);
  });

  it('write as lodash writes', async () => {
    const all = cases(2, (i) => () => [i, `leaf ${i}`, { a: i }, null, true][i % 5], [...PARTS, ...REFUSED]).filter(isWritable);
    const bodies = [];
    await each(
      all,
      `for (const [at, { data, path }] of input.entries()) {
         const config = { method: 'POST', endpoint: '/' + at, data, paginate: { type: 'cursor', cursor_name_in_request: path || 'empty', cursor_path_in_response: 'next', response_path: 'items' } };
         const before = JSON.stringify(data);
         for await (const page of nango.paginate(config));
         if (JSON.stringify(data) !== before) throw new Error('changed: ' + before);
       }
       return [];`,
      (some, head, body, from) => {
        const at = from + Number(head.endpoint.slice(1));
        const second = bodies[at] !== undefined;
        bodies[at] = JSON.parse(body.toString());
        return { head: { status: 200 }, body: Buffer.from(JSON.stringify({ items: [1], next: second ? null : 'c' })) };
      },
    );

    all.forEach(({ data, path: wanted }, at) => {
      const expected = JSON.parse(JSON.stringify(lodash.set(structuredClone(data), wanted || 'empty', 'c')));
      assert.deepEqual(bodies[at], expected, `${JSON.stringify(wanted)} in ${JSON.stringify(data)}`);
    });
  });
});
