// What zod does with a schema and a value, as text.
(function outcomes(kit) {
  'use strict';

  const { z } = kit;

  /** A text that tells different values apart, whichever realm they are of. */
  function shown(value, seen = []) {
    if (typeof value === 'bigint') return `${value}n`;
    if (typeof value === 'symbol') return String(value);
    if (typeof value === 'function') return `function ${value.name}`;
    if (typeof value === 'string') return JSON.stringify(value);
    if (Object.is(value, -0)) return '-0';
    if (typeof value !== 'object' || value === null) return String(value);
    if (seen.includes(value)) return '(cycle)';
    const deeper = [...seen, value];
    const all = (list) => [...list].map((item) => shown(item, deeper)).join();
    if (Array.isArray(value)) return `[${all(value)}]`;
    if (value instanceof Map) return `Map(${all(value)})`;
    if (value instanceof Set) return `Set(${all(value)})`;
    if (value instanceof Date) return `Date(${value.getTime()})`;
    if (value instanceof RegExp) return String(value);
    if (value instanceof Promise) return 'Promise';
    if (value instanceof z.core.$ZodType) return `schema ${value.constructor.name}`;
    const name = Object.getPrototypeOf(value)?.constructor?.name;
    const frozen = Object.isFrozen(value) ? '!' : '';
    if (value instanceof Error) return `${name}(${value.message})`;
    return `${frozen}${name}{${Reflect.ownKeys(value).map((key) => `${String(key)}: ${shown(value[key], deeper)}`).join()}}`;
  }

  /** zod fails to format some errors, for instance those at a property named `constructor`. */
  function formatted(format) {
    try {
      return shown(format());
    } catch (error) {
      return `${error.name}: ${error.message}`;
    }
  }

  function ofError(error) {
    return [
      error instanceof z.ZodError, error instanceof Error, error.name, error.message, shown(error.issues), error.isEmpty, String(error),
      formatted(() => z.prettifyError(error)), formatted(() => z.treeifyError(error)), formatted(() => z.flattenError(error)),
      formatted(() => z.formatError(error)),
    ].join('\n');
  }

  const ofMethods = (error) => [formatted(() => error.format()), formatted(() => error.flatten((issue) => issue.code))].join('\n');

  const ofResult = (result) => (result.success ? `ok ${shown(result.data)}` : ofError(result.error));

  /** What `action` gives or throws. */
  function tried(action) {
    try {
      return action();
    } catch (error) {
      return error instanceof z.ZodError ? `throws ${ofError(error)}\n${ofMethods(error)}` : `throws ${error.name}: ${error.message}`;
    }
  }

  async function triedLater(action) {
    try {
      return await action();
    } catch (error) {
      return `rejects with ${error.name}: ${error.message}`;
    }
  }

  kit.parsed = (schema, value, context) => tried(() => ofResult(schema.safeParse(value, context)));
  kit.parsedLater = (schema, value) => triedLater(async () => ofResult(await schema.safeParseAsync(value)));
  // What cannot be encoded leaves promises behind when it is found at once.
  kit.encoded = (schema, value) => triedLater(async () => ofResult(await schema.safeEncodeAsync(value)));
  kit.thrown = (schema, value) => tried(() => shown(schema.parse(value)));
  kit.standard = (schema, value) => triedLater(async () => shown(await schema['~standard'].validate(value)));

  kit.described = (schema) => [
    schema.type, schema.constructor.name, schema.description, shown(schema.meta()), tried(() => schema.isOptional()), tried(() => schema.isNullable()),
    shown(schema.format), shown(schema.minLength ?? schema.minValue), shown(schema._zod.values), shown(schema._zod.optin), shown(schema._zod.pattern), shown([...schema._zod.traits]),
  ].join('\n');

  const WAYS = ['input', 'output'].flatMap((io) => ['draft-7', 'draft-2020-12'].map((target) => ({ io, target })));

  kit.jsonSchema = (schema, way) => tried(() => JSON.stringify(z.toJSONSchema(schema, WAYS[way % 4])));

  /** The schema which the JSON schema of a schema stands for, as JSON, and what it does with a value. */
  kit.roundTrip = (schema, way, value) => tried(() => {
    const json = z.toJSONSchema(schema, { ...WAYS[way % 4], unrepresentable: 'any' });
    const standard = tried(() => JSON.stringify(schema['~standard'].jsonSchema[WAYS[way % 4].io]({ target: WAYS[way % 4].target })));
    const back = tried(() => {
      const again = z.fromJSONSchema(json);
      return `${JSON.stringify(again.toJSONSchema({ unrepresentable: 'any' }))}\n${kit.parsed(again, value)}`;
    });
    return `${JSON.stringify(json)}\n${standard}\n${back}`;
  });
})
