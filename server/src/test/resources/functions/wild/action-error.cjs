// An API that says 200 for failures.
// fails: {"type":"action_script_runtime_error","payload":{"reason":"channel_not_found","channel":"C1"}}
exports.default = {
  type: 'action',
  exec: async (nango, input) => {
    const { data } = await nango.post({ endpoint: '/slack/post', data: { channel: input.channel ?? 'C1', text: 'hi' } });
    if (!data.ok) throw new nango.ActionError({ reason: data.error, channel: 'C1' });
    return data;
  },
};
