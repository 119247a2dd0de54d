import * as z from 'zod';

/** A contact as the CRM sends it; its custom fields have the keys which this customer's administrator chose. */
export interface CrmContact {
  id: string;
  email: string;
  name: string;
  region: string;
  archived: boolean;
  updated_at: string;
  custom: Record<string, CustomValue>;
}

/** What a custom field can hold. */
export const CustomValue = z.union([z.string(), z.number(), z.boolean(), z.null()]);
export type CustomValue = z.infer<typeof CustomValue>;

/** A contact as our app wants it. Fields mapped from the customer's custom ones come on top, under our own names. */
export const Contact = z
  .object({
    id: z.string(),
    email: z.string(),
    name: z.string(),
    region: z.string(),
    archived: z.boolean(),
    updatedAt: z.string(),
    plan: z.string().optional()
  })
  .catchall(CustomValue);
export type Contact = z.infer<typeof Contact>;

/**
 * Our shape of a CRM contact. `fieldMapping` goes from our field name to the CRM's key: `{ plan: 'cf_plan' }`.
 * A field which the contact does not have stays out of the record.
 */
export function toContact(contact: CrmContact, fieldMapping: Record<string, string>): Contact {
  const mapped: Record<string, CustomValue> = {};
  for (const [ours, theirs] of Object.entries(fieldMapping)) {
    const value = contact.custom[theirs];
    if (value !== undefined) {
      mapped[ours] = value;
    }
  }

  // Our own fields come last: a mapping must not be able to overwrite, say, the id.
  return {
    ...mapped,
    id: contact.id,
    email: contact.email,
    name: contact.name,
    region: contact.region,
    archived: contact.archived,
    updatedAt: contact.updated_at
  };
}
