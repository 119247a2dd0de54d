// Schemas that have no others in them. Each maker gives `[schema, valid]`: `valid()` makes a value which the schema mostly takes.
(function leaves(kit) {
  'use strict';

  const { z, pick, below, word, often, seldom } = kit;

  /** By format, texts of which some have it. */
  const FORMATS = {
    email: ['a@b.de', 'first.last+tag@mail.example.org', 'a@b', '@x.y', 'a..b@c.de'],
    url: ['https://example.org/a?b=c#d', 'http://[::1]:80/', 'mailto:a@b.de', 'ftp://host', 'nope', ' https://trim.me ', 'https://'],
    httpUrl: ['https://example.org', 'http://a.b.co/path', 'ftp://example.org', 'http://localhost'],
    guid: ['123e4567-e89b-12d3-a456-426614174000', 'ffffffff-ffff-ffff-ffff-ffffffffffff', 'x'],
    uuid: ['123e4567-e89b-12d3-a456-426614174000', '00000000-0000-0000-0000-000000000000', '123e4567-e89b-92d3-a456-426614174000'],
    uuidv4: ['9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d', '123e4567-e89b-12d3-a456-426614174000'],
    uuidv6: ['1ec9414c-232a-6b00-b3c8-9f6bdeced846', '9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d'],
    uuidv7: ['018f3c8a-7b7e-7cc0-8c7e-2b0d7b3dcb6d', '9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d'],
    emoji: ['😀', '👍🏽', 'a', ''],
    nanoid: ['V1StGXR8_Z5jdHi6B-myT', 'short'],
    cuid: ['cjld2cjxh0000qzrmn831i7rn', 'x'],
    cuid2: ['tz4a98xxat96iws9zmbrgj3a', 'A-'],
    ulid: ['01ARZ3NDEKTSV4RRFFQ69G5FAV', '01ARZ3NDEK'],
    xid: ['9m4e2mr0ui3e8a215n4g', 'z'],
    ksuid: ['0ujtsYcgvSTl8PAuAdqWYSMnLOv', '0'],
    ipv4: ['127.0.0.1', '256.1.1.1'],
    ipv6: ['::1', '2001:db8::8a2e:370:7334', '1::2::3', 'fe80::1%eth0'],
    mac: ['00:1A:2B:3C:4D:5E', '00-1a-2b'],
    cidrv4: ['10.0.0.0/8', '10.0.0.0/33'],
    cidrv6: ['2001:db8::/32', '::/129', '1/2/3'],
    base64: ['aGVsbG8=', 'aGVsbG8', 'a===', '', 'Zm9v', '/+8='],
    base64url: ['aGVsbG8', 'aGVsbG8=', 'a', '_-8'],
    e164: ['+4915112345678', '0151'],
    jwt: ['eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxIn0.c2ln', 'eyJhbGciOiJub25lIn0.e30.', 'a.b.c', '{}.x.y'],
    hostname: ['example.org', '-bad-', 'localhost'],
    hex: ['00ff', 'xyz'],
  };
  const ISO = {
    date: ['2024-02-29', '2023-02-29', '2023-1-1'],
    time: ['12:34', '12:34:56.789', '25:00', '12:34:56'],
    datetime: ['2024-01-01T00:00:00Z', '2024-01-01T00:00:00+02:00', '2024-01-01T00:00:00', '2024-01-01T00:00Z', '2024-01-01'],
    duration: ['P1Y2M3DT4H5M6S', 'P1W', 'P', 'PT'],
  };

  /** What many makers take as their last argument. */
  const message = () => pick([undefined, undefined, undefined, 'said so', { error: 'as object' }, { error: (issue) => `of ${issue.code}` }, { message: 'old' }]);

  const CHECKS = [
    (s) => s.min(below(6), message()), (s) => s.max(below(20), message()), (s) => s.length(below(5)), (s) => s.nonempty(message()),
    (s) => s.regex(/^[a-z ]*$/i, message()), (s) => s.includes('a', pick([undefined, { position: 2 }])), (s) => s.startsWith('a'),
    (s) => s.endsWith('c', message()), (s) => s.lowercase(), (s) => s.uppercase(message()), (s) => s.trim(), (s) => s.toLowerCase(), (s) => s.toUpperCase(),
    (s) => s.normalize(pick([undefined, 'NFD'])), (s) => s.slugify(), (s) => s.overwrite((text) => text.replace('a', 'o')),
    (s) => s.check(z.minLength(2), z.includes('l')), (s) => s.with(z.maxLength(9)), (s) => s.refine((text) => text !== 'abc', message()),
  ];

  function string() {
    let schema = seldom() ? z.string(message()) : z.string();
    for (let count = below(4); count > 0; count--) schema = pick(CHECKS)(schema);
    return [schema, word];
  }

  function format() {
    const name = pick(Object.keys(FORMATS));
    const options = {
      url: [{ hostname: /example/ }, { protocol: /^https$/, normalize: true }], jwt: [{ alg: 'HS256' }], uuid: [{ version: 'v4' }], mac: [{ delimiter: '-' }],
      email: [{ pattern: z.regexes.html5Email }, { pattern: z.regexes.rfc5322Email }],
    };
    const chosen = seldom() && options[name] ? { ...pick(options[name]) } : message();
    // The older way is a check of a string.
    const schema = seldom() && z.string()[name] ? z.string().min(1)[name](chosen) : z[name](chosen);
    return [seldom() ? schema.max(30) : schema, () => pick(FORMATS[name])];
  }

  function iso() {
    const name = pick(Object.keys(ISO));
    const options = { time: [{ precision: 0 }, { precision: -1 }], datetime: [{ offset: true }, { local: true }, { precision: 3 }, { offset: true, local: true }] };
    const chosen = often() && options[name] ? { ...pick(options[name]) } : message();
    return [seldom() ? z.string()[name](chosen) : z.iso[name](chosen), () => pick(ISO[name])];
  }

  function number() {
    let schema = pick([z.number, z.int, z.float32, z.float64, z.int32, z.uint32, z.number])(seldom() ? message() : undefined);
    const checks = [
      (s) => s.min(below(5)), (s) => s.max(below(100), message()), (s) => s.gt(-3), (s) => s.lt(7.5), (s) => s.int(), (s) => s.positive(message()), (s) => s.negative(),
      (s) => s.nonnegative(), (s) => s.nonpositive(), (s) => s.multipleOf(pick([2, 0.1, 1e-7])), (s) => s.step(3), (s) => s.finite(), (s) => s.safe(),
      (s) => s.check(z.gte(1), z.multipleOf(5)), (s) => s.refine((value) => value !== 4, message()),
    ];
    for (let count = below(3); count > 0; count--) schema = pick(checks)(schema);
    return [schema, () => pick([0, 1, 2, 3, 4, 5.5, -1, 10, 0.3, 99, 2 ** 31, 1e300, Number.MAX_SAFE_INTEGER, 3e-7])];
  }

  function bigint() {
    let schema = pick([z.bigint, z.int64, z.uint64])();
    const checks = [(s) => s.min(2n), (s) => s.max(9n, message()), (s) => s.positive(), (s) => s.negative(), (s) => s.multipleOf(3n), (s) => s.gte(0n)];
    for (let count = below(3); count > 0; count--) schema = pick(checks)(schema);
    return [schema, () => pick([0n, 1n, 3n, 9n, -5n, 2n ** 63n, 2n ** 64n])];
  }

  function date() {
    const schema = pick([z.date(message()), z.date().min(new Date(1e9)), z.date().max(new Date(2e12), message())]);
    return [schema, () => pick([new Date(0), new Date(1e12), new Date(NaN), new Date(9e12)])];
  }

  function choice() {
    const names = pick([['a', 'b', 'c'], ['x'], ['12', 'abc', 'true']]);
    const numbers = { Up: 1, Down: 2, 1: 'Up', 2: 'Down', Text: 'text' };
    return pick([
      () => [z.enum(names, message()), () => pick(names)],
      () => [z.enum(['a', 'b', 'c']).exclude(['a']), () => pick(['a', 'b', 'c'])],
      () => [z.enum(['a', 'b', 'c']).extract(['a'], message()), () => pick(['a', 'b'])],
      () => [z.nativeEnum(numbers), () => pick([1, 2, 'text', 'Up'])],
      () => [z.literal(pick(['a', 5, true, null, undefined, 7n]), message()), () => pick(['a', 5, true, null, undefined, 7n])],
      () => [z.literal(['a', 2, null]), () => pick(['a', 2, null, 'b'])],
    ])();
  }

  function coerced() {
    const name = pick(['string', 'number', 'boolean', 'bigint', 'date']);
    return [z.coerce[name](message()), () => pick(['1', 1, '', 'x', true, null, undefined, new Date(5), '2020-01-01', 3n, [], {}, ['2']])];
  }

  function plain() {
    return pick([
      () => [z.boolean(message()), () => pick([true, false, 'true'])], () => [z.null(), () => null], () => [z.undefined(), () => undefined],
      () => [z.void(message()), () => undefined], () => [z.any(), kit.junk], () => [z.unknown(), kit.junk], () => [z.never(message()), kit.junk],
      () => [z.nan(), () => pick([NaN, 1])], () => [z.symbol(), () => Symbol.iterator], () => [z.json(), () => pick([{ a: [1, null, { b: 'x' }] }, [true], 'x', { a: undefined }])],
      () => [z.file().max(5).mime('text/plain'), kit.junk], () => [z.instanceof(Date, message()), () => new Date(3)],
      () => [z.custom((value) => value === 'x', message()), () => pick(['x', 'y'])], () => [z.custom(), kit.junk],
      () => [z.stringbool(pick([undefined, { truthy: ['Ja'], falsy: ['nein'] }, { case: 'sensitive' }, { error: 'bool' }])), () => pick(['yes', 'TRUE', '0', 'off', 'ja', 'Ja', 'hm'])],
      () => [z.hash(pick(['md5', 'sha1', 'sha256', 'sha384', 'sha512']), pick([undefined, { enc: 'base64' }, { enc: 'base64url' }])),
        () => pick(['d41d8cd98f00b204e9800998ecf8427e', '1B2M2Y8AsgTpgAmY7PhCfg==', '2jmj7l5rSw0yVb_vlWAYkK_YBwk', 'no'])],
      () => [z.stringFormat('upper-id', /^[A-Z]+$/, message()), word], () => [z.stringFormat('even', (text) => text.length % 2 === 0), word],
      () => [z.templateLiteral([pick(['id-', 5, null]), pick([z.number().int(), z.enum(['a', 'b']), z.string().max(2), z.boolean(), z.uuid(), z.literal(['q', 3])]), '!'], message()),
        () => pick(['id-5!', '5a!', 'nulltrue!', 'id-q!', 'x', 'id-abc!', 'id-a!'])],
    ])();
  }

  kit.leaves = [string, string, string, format, format, iso, number, number, bigint, date, choice, choice, coerced, plain, plain];
  kit.message = message;
})
