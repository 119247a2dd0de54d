import * as z from 'zod';

const Raw = z.object({
  id: z.number(),
  properties: z.object({
    firstname: z.string(),
    lastname: z.string(),
    email: z.email(),
    amount: z.string().regex(/^[0-9.]+$/),
    createdate: z.iso.datetime(),
    stage: z.enum(['lead', 'qualified', 'customer'])
  }),
  tags: z.array(z.string()).max(10),
  owner: z.object({ id: z.number(), name: z.string() }).nullable()
});

const Contact = z.object({
  id: z.string(),
  name: z.string().min(1),
  email: z.string(),
  amount: z.number().nonnegative(),
  created: z.string(),
  stage: z.string(),
  tags: z.array(z.string()),
  owner: z.string().optional()
});

const STAGES = ['lead', 'qualified', 'customer'];

function raw(number: number): unknown {
  return {
    id: number,
    properties: {
      firstname: 'Ada',
      lastname: `Lovelace the ${number}th`,
      email: `ada.${number}@example.com`,
      amount: String(number % 1000),
      createdate: '2026-01-01T08:00:00Z',
      stage: STAGES[number % 3]
    },
    tags: ['newsletter', 'vip', 'trial'],
    owner: number % 5 === 0 ? null : { id: number % 7, name: 'Charles' }
  };
}

/** Validates and maps records as production code does; returns the total length of their texts. */
export function mapAll(count: number): number {
  let length = 0;
  for (let number = 1; number <= count; number++) {
    const { id, properties, tags, owner } = Raw.parse(raw(number));
    const contact = Contact.parse({
      id: String(id),
      name: `${properties.firstname} ${properties.lastname}`,
      email: properties.email.toLowerCase(),
      amount: Number(properties.amount),
      created: new Date(properties.createdate).toISOString(),
      stage: properties.stage,
      tags,
      owner: owner?.name
    });
    length += JSON.stringify(contact).length;
  }
  return length;
}
