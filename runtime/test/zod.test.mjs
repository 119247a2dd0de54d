/** The build of zod does what the package does, but for the differences that build/zod.mjs lists. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kitOf, newRealm, original } from './zod/realms.mjs';

/** With sixteen values of each: four that it mostly takes, and others that are spoilt. */
// MILLRACE_CASES multiplies the number of random cases.
const SCHEMAS = 400 * Number(process.env.MILLRACE_CASES ?? 1);

// The package, too, must not make code: what it makes of object schemas ends differently where a field is a promise.
original.config({ jitless: true });

const typeOf = (value) => (Array.isArray(value) ? 'array' : value instanceof RegExp || Object.prototype.toString.call(value) === '[object RegExp]' ? `${value}` : typeof value);

/** Every export of a namespace and of those in it, by its path. */
function exportsOf(namespace, path = '') {
  return Object.keys(namespace).sort().flatMap((name) => {
    const value = namespace[name];
    const here = `${path}${name}`;
    if (here === 'core.JSONSchema') return [here]; // types only
    if (value?.__esModule) return name === 'z' || name === 'default' ? [here] : [here, ...exportsOf(value, `${here}.`)];
    const kind = typeOf(value);
    // A locale is a function in both; a function is known by its name and the number of its arguments.
    const more = kind === 'function' && !path.endsWith('locales.') ? ` ${value.name}/${value.length}` : '';
    const content = kind === 'object' && Object.getPrototypeOf(value)?.constructor?.name === 'Object' ? ` ${Object.keys(value)}` : '';
    return [`${here}: ${kind}${more}${content}`];
  });
}

test('the exports have the names and kinds of the package', () => {
  const { z } = newRealm();

  const [expected, actual] = [exportsOf(original), exportsOf(z)];

  const settled = (list) => list.filter((line) => !line.startsWith('core.globalConfig'));
  assert.deepEqual(settled(actual), settled(expected));
  assert.ok(actual.length > 700, `${actual.length} exports`);
  assert.deepEqual(exportsOf(z.z), exportsOf(original.z));
  assert.equal(z.default, z.z);
  assert.equal(z.__esModule, true);
  assert.deepEqual(Object.keys(z.config()).sort(), ['jitless', 'localeError']);
});

test('random schemas treat random values as the package does', async () => {
  const { z, context } = newRealm();
  const [theirs, ours] = [kitOf(original), kitOf(z, context)];

  let compared = 0;
  let accepted = 0;
  for (let seed = 1; seed <= SCHEMAS; seed++) {
    const [expected, actual] = [await theirs.happened(seed), await ours.happened(seed)];
    assert.deepEqual([...actual], expected, `seed ${seed}`);
    compared += expected.length - 1;
    accepted += expected.filter((text) => text.startsWith('ok')).length;
  }

  console.log(`${compared} values of ${SCHEMAS} schemas compared, ${accepted} accepted`);
  assert.ok(compared >= 15 * SCHEMAS);
  assert.ok(accepted > compared / 5);
  const never = Object.keys(z).filter((name) => /^Zod[A-Z]/.test(name) && z[name].init && !ours.made.has(name));
  assert.deepEqual(never, ['ZodError', 'ZodRealError'], 'every kind of schema was made');
});

test('schemas are created, extended and tested with instanceof as in the package', () => {
  const { run, z } = newRealm();
  const ask = (zod, evaluate) => evaluate(`(z) => {
    const { parse } = z.string();
    const texts = ['a', 'b'].map(z.string().min(1).parse);
    class Own extends z.ZodString { shout() { return 'own'; } min() { return 'hidden by the method of zod'; } }
    const own = new Own({ type: 'string' });
    const Made = z.core.$constructor('Made', (inst, def) => { z.ZodType.init(inst, def); inst._zod.parse = (payload) => payload; });
    const made = new Made({ type: 'custom' });
    z.ZodType.prototype.loud = function () { return 'loud ' + this.type; };
    z.ZodString.prototype.min = function () { return 'ignored'; };
    const late = z.number();
    const set = z.string();
    set.parse = () => 'replaced';
    const frozen = Object.freeze(z.string().min(2));
    return [
      parse('x'), texts, z.string().parse === z.string().parse, late.parse === late.parse, late.min.name, late.isOptional(),
      own instanceof z.ZodString, own instanceof z.ZodType, own instanceof Own, own instanceof z.core.$ZodString, z.string() instanceof z.ZodNumber,
      own.shout(), own.min(3)._zod.def.checks.length, own.parse('y'), own.optional().parse(undefined), own.constructor.name,
      made.optional().safeParse(undefined).success, made instanceof z.ZodType, made instanceof Made, Object.keys(made).includes('parse'), made.description,
      late.loud(), z.email().loud(), z.string().min(1) instanceof z.ZodString, set.parse(), frozen.safeParse('a').success, frozen.max(3).safeParse('abcd').success,
      z.ZodString.prototype.optional === undefined, new z.core.$ZodString({ type: 'string' })['~standard'].vendor, z.string()['~standard'].jsonSchema.input({ target: 'draft-7' }),
      new z.ZodError([{ code: 'custom', path: ['a'], message: 'm' }]).flatten(), new z.ZodRealError([]) instanceof Error, new z.ZodError([]) instanceof Error,
      z.number().with === undefined, 'refine' in late, z.literal(5).value, z.stringbool().encode(true), z.encode(z.codec(z.string(), z.number(), { decode: Number, encode: String }), 5),
      z.string().describe('d').description, z.NEVER, String(z.$brand),
    ];
  }`)(zod);

  const [expected, actual] = [ask(original, (code) => (0, eval)(code)), ask(z, run)];

  delete original.ZodType.prototype.loud;
  delete original.ZodString.prototype.min;
  assert.equal(JSON.stringify(actual), JSON.stringify(expected));
});

test('settings and registries work, for one realm', () => {
  const [first, second] = [newRealm(), newRealm()];
  const { z, run } = first;

  run('(z) => z.setErrorMap((issue) => "map: " + issue.code)')(z);
  z.globalRegistry.add(z.string(), run('({ id: "Name" })'));
  run('(z) => { z.ZodType.prototype.extra = () => 1; z.string.left = 1; }')(z);

  assert.equal(z.string().safeParse(1).error.issues[0].message, 'map: invalid_type');
  assert.equal(z.getErrorMap(), z.config().customError);
  assert.equal(run('(z) => JSON.stringify(z.toJSONSchema(z.globalRegistry))')(z), '{"schemas":{"Name":{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"string","id":"Name"}}}');
  assert.equal(second.z.string().safeParse(1).error.issues[0].message, 'Invalid input: expected string, received number');
  assert.equal(second.z.globalRegistry._idmap.size, 0);
  assert.equal(second.z.string().extra, undefined);
  assert.equal(second.z.string.left, undefined);
  assert.equal(run('Object.keys(globalThis).join()'), '');
  assert.equal(run('globalThis.__zod_globalRegistry'), undefined);
  const custom = run('(z) => { z.config({ customError: undefined, localeError: () => "own locale" }); return z.string().safeParse(1).error.issues[0].message; }');
  assert.equal(custom(z), 'own locale');
  assert.equal(run('(z) => { z.config(z.locales.en()); return z.number().safeParse("").error.issues[0].message; }')(z), 'Invalid input: expected number, received string');
});

test('a locale that is not included says so when it is called', () => {
  const { z } = newRealm();

  assert.throws(() => z.locales.de(), { message: "zod's locale 'de' is not available in functions, only 'en' is" });
  assert.deepEqual(Object.keys(z.core.locales).sort(), Object.keys(original.core.locales).sort());
});

test('base64 is read and written as by the package', () => {
  const { z, run } = newRealm();
  const texts = ['', 'YQ==', 'YQ', 'YQ=', 'YWI=', 'YWJj', 'YWJj=', 'a', 'Y Q =\n=', 'Y*Q=', '_-8', '/+8=', 'YR==', 'é', '=', '===='];

  const outcome = (zod, make) => texts.flatMap((text) => ['base64ToUint8Array', 'base64urlToUint8Array'].map((name) => {
    try {
      return [...zod.util[name](text)].join();
    } catch (error) {
      return error.name; // Node's messages depend on what it finds first
    }
  }).concat(zod.base64().safeParse(text).success, zod.base64url().safeParse(text).success, zod.util.uint8ArrayToBase64(make([1, text.length * 20, 255]))));

  assert.deepEqual(outcome(z, run('(list) => new Uint8Array(list)')), outcome(original, (list) => new Uint8Array(list)));
  assert.equal(z.base64().safeParse('YWJj'.repeat(100_000)).success, true);
});

test('a namespace cannot be told from an object with all exports', () => {
  const { z, run } = newRealm();

  assert.equal(Object.keys(z.regexes).length, Object.keys(original.regexes).length);
  assert.equal('string' in z, true);
  assert.equal('strin' in z, false);
  assert.equal(z.strin, undefined);
  assert.equal(z[Symbol.iterator], undefined);
  assert.equal(Object.hasOwn(z, 'uuid'), true);
  assert.equal(z.hasOwnProperty('uuid'), true);
  assert.equal(z.string, z.z.string);
  assert.equal({ ...z }.object, z.object);
  assert.throws(() => { z.string = 1; }, TypeError);
  assert.throws(() => { delete z.number; }, TypeError);
  assert.equal(Reflect.defineProperty(z, 'boolean', { value: 1 }), false);
  z.added = 1;
  assert.equal(z.added, 1);
  assert.equal(Object.isFrozen(Object.freeze(z.core)), true);
  assert.equal(run('(z) => z.core.util.joinValues([1, "a"])')(z), '1|"a"');
});

test('the prepared namespaces equal those that esbuild generates', () => {
  const { module, z } = newRealm();
  // What a bundle has at its start.
  const toESM = (mod, isNodeMode) => {
    const target = Object.create(Object.getPrototypeOf(mod));
    if (isNodeMode || !mod.__esModule) Object.defineProperty(target, 'default', { value: mod, enumerable: true });
    for (const key of Object.getOwnPropertyNames(mod)) {
      if (!Object.hasOwn(target, key)) Object.defineProperty(target, key, { get: () => mod[key], enumerable: Object.getOwnPropertyDescriptor(mod, key).enumerable });
    }
    return target;
  };
  const entries = (namespace) => Object.getOwnPropertyNames(namespace).sort().map((key) => [key, namespace[key], Object.getOwnPropertyDescriptor(namespace, key).enumerable]);

  const { plain, node } = module.namespaces;

  for (const [actual, expected] of [[plain, toESM(z)], [node, toESM(z, 1)]]) {
    for (const [index, [key, value, enumerable]] of entries(expected).entries()) {
      const [actualKey, actualValue, actualEnumerable] = entries(actual)[index];
      assert.deepEqual([actualKey, actualValue === value, actualEnumerable], [key, true, enumerable], key);
    }
    assert.equal(entries(actual).length, entries(expected).length);
  }
  assert.equal(node.default, z);
  assert.equal(plain.default.string, z.string);
});

test('only addresses need the module url', () => {
  const { z } = newRealm();

  assert.equal(z.url().safeParse('https://example.org').success, true);
  assert.equal(z.ipv6().safeParse('::1').success, true);
  assert.equal(z.file().safeParse(new Date()).error.issues[0].expected, 'file');
});
