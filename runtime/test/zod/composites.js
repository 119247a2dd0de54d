// Schemas made of others.
(function composites(kit) {
  'use strict';

  const { z, pick, below, some, often, seldom, message, key } = kit;

  const leaf = () => pick(kit.leaves)();
  const inner = (depth) => (depth <= 0 || seldom() ? leaf() : pick(often() ? COMPOSITES : WRAPPERS)(depth - 1));

  /** The fields of an object, and a maker of their values. */
  function fields(depth) {
    const shape = {};
    const valid = {};
    for (const name of new Set(some(4, key))) {
      const [schema, value] = inner(depth);
      Object.defineProperty(shape, name, { value: schema, enumerable: true, writable: true, configurable: true });
      valid[name] = value;
    }
    return [shape, () => Object.fromEntries(Object.entries(valid).map(([name, value]) => [name, value()]))];
  }

  function object(depth) {
    const [shape, valid] = fields(depth);
    const [more, validMore] = fields(0);
    const names = Object.keys(shape);
    const mask = Object.fromEntries(names.filter(() => often()).map((name) => [name, true]));
    const both = () => ({ ...valid(), ...validMore() });
    const plain = z.object(shape, message());
    return pick([
      () => [plain, valid], () => [plain, valid], () => [z.strictObject(shape), valid], () => [z.looseObject(shape), both], () => [plain.strict(), both],
      () => [plain.passthrough(), both], () => [plain.loose().strip(), both], () => [plain.catchall(leaf()[0]), both], () => [plain.partial(), valid],
      () => [plain.partial(mask), valid], () => [plain.partial().required(mask), valid], () => [plain.required(), valid], () => [plain.pick(mask), valid],
      () => [plain.omit(mask), both], () => [plain.extend(more), both], () => [plain.safeExtend({ extra: z.string().optional() }), valid],
      () => [plain.merge(z.object(more)), both], () => [plain.keyof(), () => pick([...names, 'other'])],
      () => [plain.refine((value) => Object.keys(value).length !== 2, { error: 'two', path: ['a'] }), valid],
      () => [plain.extend(more).refine(() => false, { when: (payload) => payload.issues.length === 0, abort: true }), both],
    ])();
  }

  function recursive() {
    const Tree = z.object({ name: z.string(), get children() { return z.array(Tree).optional(); } });
    const Linked = z.object({ value: z.number(), next: z.lazy(() => Linked.nullable()) });
    return pick([
      [Tree, () => ({ name: 'root', children: [{ name: 'a' }, { name: 'b', children: [] }] })],
      [Linked, () => ({ value: 1, next: { value: 2, next: null } })],
    ]);
  }

  function list(depth) {
    const [item, valid] = inner(depth);
    const schema = z.array(item, message());
    const set = z.set(item);
    return pick([
      () => [schema, () => some(3, valid)], () => [pick([schema.min(1), schema.max(1, message()), schema.length(2), schema.nonempty()]), () => some(3, valid)],
      () => [pick([set, set.min(1), set.max(1), set.size(2), set.nonempty()]), () => new Set(some(3, valid))],
      () => [schema.superRefine((value, context) => { if (value.length === 1) context.addIssue({ code: 'custom', message: 'one', path: [0], params: { x: 1 } }); }), () => some(2, valid)],
    ])();
  }

  function tuple(depth) {
    const items = some(3, () => inner(depth));
    const [rest, validRest] = leaf();
    const withRest = often();
    const schema = withRest ? z.tuple(items.map(([item]) => item), rest) : z.tuple(items.map(([item]) => item), message());
    return [schema, () => [...items.map(([, valid]) => valid()), ...(withRest ? some(2, validRest) : [])]];
  }

  function record(depth) {
    const [value, valid] = inner(depth);
    const names = pick([z.string(), z.enum(['a', 'b']), z.string().min(2, message()), z.literal(['a', 'id']), z.number(), z.union([z.literal('a'), z.literal('c')]), z.string().regex(/^[a-z]/)]);
    const made = () => Object.fromEntries(some(3, () => [key(), valid()]));
    return pick([
      () => [z.record(names, value), made], () => [z.partialRecord(names, value), made], () => [z.looseRecord(names, value), made],
      () => [z.map(pick([z.string(), z.number()]), value), () => new Map(some(3, () => [pick([key(), 5]), valid()]))],
      () => [pick([z.map(z.any(), value).min(1), z.map(z.any(), value).max(1), z.map(z.any(), value).size(2)]), () => new Map(some(3, () => [key(), valid()]))],
    ])();
  }

  function union(depth) {
    const options = [inner(depth), ...some(2, () => inner(depth))];
    const schemas = options.map(([schema]) => schema);
    const valid = () => pick(options)[1]();
    const kinds = pick([['p', 'q'], [1, 2]]);
    const branches = kinds.map((kind) => z.object({ kind: z.literal(kind), value: leaf()[0].optional() }));
    const branch = () => ({ kind: pick([...kinds, 'r']), value: pick([undefined, 'x', 5]) });
    return pick([
      () => [z.union(schemas, message()), valid], () => [z.xor(schemas), valid], () => [schemas[0].or(leaf()[0]), valid],
      () => [z.discriminatedUnion('kind', branches, message()), branch], () => [z.discriminatedUnion('kind', branches, { unionFallback: true }), branch],
      () => [z.intersection(schemas[0], schemas.at(-1)), valid],
      () => {
        const [left, right] = [fields(0), fields(0)];
        return [z.object(left[0]).and(z.looseObject(right[0])), () => ({ ...left[1](), ...right[1]() })];
      },
    ])();
  }

  const COMPOSITES = [object, object, object, recursive, list, tuple, record, union];

  const codecs = () => pick([
    [z.codec(z.iso.datetime(), z.date(), { decode: (text) => new Date(text), encode: (value) => value.toISOString() }), () => pick(['2024-01-01T00:00:00Z', 'x', new Date(0)])],
    [z.codec(z.string(), z.number().min(1), { decode: Number, encode: String }), () => pick(['5', '0', 'x', 5])],
    [z.codec(z.base64(), z.string(), { decode: (text) => text.length > 4 ? 'long' : '', encode: () => 'Zm9v' }), () => pick(['Zm9v', 'Zm9vYmFy', '#'])],
  ]);

  const wrapping = [
    (s) => s.optional(), (s) => s.nullable(), (s) => s.nullish(), (s) => s.exactOptional(), (s) => s.optional().nonoptional(message()), (s, valid) => s.default(valid()),
    (s, valid) => s.default(valid), (s, valid) => s.prefault(valid()), (s, valid) => s.catch(valid()), (s) => s.catch((context) => `caught ${context.issues.length}`),
    (s) => s.readonly(), (s) => s.brand('Mark'), (s) => s.describe('text'), (s) => s.meta({ title: 'T', examples: [1] }), (s) => z.success(s), (s) => z.lazy(() => s),
    (s) => s.transform((value) => [typeof value]), (s) => s.transform((value, context) => { context.addIssue('bad'); return value; }), (s) => s.pipe(z.any()),
    (s) => z.preprocess((value) => value ?? 'nothing', s), (s) => s.refine((value) => value !== 'abc' && value !== 1, message()),
    (s) => s.superRefine((value, context) => context.issues.push({ code: 'custom', input: value, message: typeof value, continue: true })),
    (s) => s.check((payload) => { if (payload.value === null) payload.issues.push({ code: 'too_small', minimum: 1, origin: 'array', input: null }); }),
    (s) => s.array(), (s) => s.apply((schema) => schema.optional()), (s) => z.nonoptional(z.optional(s)), (s) => s.pipe(z.transform((value) => value)), (s) => s.clone(),
    (s) => z.optional(s).unwrap(), (s) => s.overwrite((value) => value), (s) => s.register(z.globalRegistry, { description: 'registered' }), (s) => z.promise(s),
    (s) => s.refine(async (value) => value !== null, 'late'), (s) => s.transform(async (value) => value),
  ];

  function wrapped(depth) {
    const [schema, valid] = inner(depth);
    return [pick(wrapping)(schema, valid), seldom() ? () => undefined : valid];
  }

  function functions() {
    const schema = z.function({ input: [z.string(), z.number().optional()], output: pick([z.string(), z.number()]) });
    // What it makes of a function is called, so that the arguments and the result are checked.
    const called = schema.transform((fn) => {
      try {
        return fn(pick(['a', 1]), 2);
      } catch (error) {
        return [error instanceof z.ZodError, error.message];
      }
    });
    return pick([[schema, () => (text) => text], [called, () => (text) => text]]);
  }

  const WRAPPERS = [wrapped, wrapped, wrapped, wrapped, codecs, functions];

  /** A schema of any kind, and a function that makes values which it mostly takes. */
  kit.anySchema = () => inner(1 + below(3));
})
