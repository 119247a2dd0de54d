// One case: a schema, and all that zod does with it and some values.
(function cases(kit) {
  'use strict';

  const VALUES = 16;
  const OPTIONS = [undefined, undefined, { reportInput: true }, { error: () => 'for this call' }];

  /** Adds the classes of a schema and of those in it. */
  kit.note = (schema, seen = new Set()) => {
    if (seen.has(schema)) return;
    seen.add(schema);
    for (const trait of schema._zod.traits) kit.made.add(trait);
    for (const part of Object.values({ ...schema._zod.def, ...schema._zod.def.shape }).flat()) {
      if (part instanceof kit.z.core.$ZodType) kit.note(part, seen);
    }
  };

  /** The names of all classes that were used. */
  kit.made = new Set();

  /**
   * @param {number} seed
   * @returns {Promise<string[]>} what happened: the making of the schema, and one text for each value
   */
  kit.happened = async (seed) => {
    kit.seed(seed);
    let schema;
    let valid;
    try {
      [schema, valid] = kit.anySchema();
    } catch (error) {
      return [`not made: ${error.name}: ${error.message}`];
    }
    kit.note(schema);
    const texts = [[kit.described(schema), kit.jsonSchema(schema, seed)].join('\n')];
    for (let count = 0; count < VALUES; count++) {
      const made = valid();
      const value = count < 4 ? made : kit.spoilt(made);
      const outcome = [kit.parsed(schema, value, kit.pick(OPTIONS))];
      if (count === 0) outcome.push(await kit.encoded(schema, value), kit.roundTrip(schema, seed, value), await kit.standard(schema, value));
      if (count === 1) outcome.push(await kit.parsedLater(schema, value));
      if (count === 4) outcome.push(kit.thrown(schema, value), await kit.parsedLater(schema, value));
      if (count === 5) outcome.push(await kit.encoded(schema, value));
      texts.push(outcome.join('\n'));
    }
    return texts;
  };
})
