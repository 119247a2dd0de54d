// Inputs checked by zod; issues told to the caller.
// fails: {"type":"action_script_runtime_error","payload":{"message":"Invalid input","issues":[{"path":"email","code":"invalid_format"},{"path":"items.0.quantity","code":"too_small"},{"path":"when","code":"invalid_type"}]}}
const { z } = require('zod');
const Order = z.object({
  email: z.string().email().transform((s) => s.toLowerCase()),
  items: z.array(z.object({ sku: z.string().default('none'), quantity: z.coerce.number().int().positive() })).min(1),
  status: z.enum(['open', 'done']).catch('open'),
  when: z.union([z.iso.datetime(), z.number()]).pipe(z.coerce.date()).or(z.literal('now')).optional().refine(() => true),
  extra: z.record(z.string(), z.unknown()).optional(),
});
exports.default = {
  type: 'action',
  exec: async (nango) => {
    const good = Order.parse({ email: 'A@B.example', items: [{ quantity: '2' }], status: 'odd' });
    if (JSON.stringify(good) !== '{"email":"a@b.example","items":[{"sku":"none","quantity":2}],"status":"open"}') throw new Error(JSON.stringify(good));
    const parsed = Order.safeParse({ email: 'x', items: [{ sku: 'a', quantity: 0 }] });
    if (parsed.success) throw new Error('accepted');
    const issues = parsed.error.issues.map(({ path, code }) => ({ path: path.join('.'), code }));
    const strict = z.object({ when: z.date() }).strict().safeParse({});
    throw new nango.ActionError({
      message: 'Invalid input',
      issues: [...issues, ...strict.error.issues.map(({ path, code }) => ({ path: path.join('.'), code }))],
    });
  },
};
