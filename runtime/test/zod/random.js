// Chance that can be repeated. These files are evaluated in two realms, with the zod of each: they may use nothing but ECMAScript.
(function random(kit) {
  'use strict';

  let state = 0;

  /** Starts the sequence of numbers that belongs to a seed. */
  kit.seed = (seed) => { state = (seed * 2654435761) >>> 0; };

  /** A number of at least 0 and below 1 (mulberry32). */
  kit.chance = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  kit.below = (limit) => Math.floor(kit.chance() * limit);
  kit.pick = (list) => list[kit.below(list.length)];
  kit.often = () => kit.chance() < 0.75;
  kit.seldom = () => kit.chance() < 0.15;
  kit.some = (most, make) => Array.from({ length: kit.below(most + 1) }, make);

  const WORDS = ['', 'a', 'abc', 'Hello World', '  padded ', 'ÄÖÜ straße', 'x'.repeat(12), '12', '-7.5', 'true', 'no', 'UPPER', 'lower', 'a\nb', '😀', 'null'];

  kit.word = () => kit.pick(WORDS);
  kit.key = () => kit.pick(['a', 'b', 'c', 'id', 'name', 'two words', '0', 'constructor']);

  /** Values which most schemas refuse. */
  kit.junk = () => kit.pick([
    () => undefined, () => null, () => true, () => 0, () => -1.5, () => NaN, () => Infinity, () => 2 ** 53, () => 10n, () => Symbol.for('s'),
    () => kit.word(), () => new Date(0), () => new Date(NaN), () => [], () => [1, 'a'], () => ({}), () => ({ a: 1, b: 'x' }), () => new Map([['a', 1]]),
    () => new Set(['a', 2]), () => /x/, () => () => 1, () => class Named {}, () => new (class Point { constructor() { this.x = 1; } })(),
    () => Object.create(null), () => Promise.resolve('later'), () => new Error('e'), () => new Uint8Array(2), () => JSON.parse('{"__proto__": 1, "a": 2}'),
  ])();

  /** A value with something in it changed. */
  kit.spoilt = (value, depth = 3) => {
    if (depth === 0 || kit.seldom() || typeof value !== 'object' || value === null) return kit.junk();
    if (Array.isArray(value) && value.length > 0) {
      const at = kit.below(value.length);
      if (kit.seldom()) return [...value, kit.junk()];
      return value.map((item, index) => (index === at ? kit.spoilt(item, depth - 1) : item));
    }
    if (value instanceof Map) return new Map([...value].map(([key, item]) => (kit.often() ? [key, kit.spoilt(item, depth - 1)] : [kit.junk(), item])));
    if (value instanceof Set) return new Set([...value, kit.junk()]);
    if (Object.getPrototypeOf(value) !== Object.prototype || Object.keys(value).length === 0) return kit.junk();
    const key = kit.pick(Object.keys(value));
    const { [key]: item, ...rest } = value;
    const change = kit.below(4);
    if (change === 0) return rest;
    if (change === 1) return { ...value, [kit.key()]: kit.junk() };
    return { ...rest, [key]: kit.spoilt(item, depth - 1) };
  };
})
