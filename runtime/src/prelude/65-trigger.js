(function trigger(kit) {
  'use strict';

  kit.triggerAction = async (providerConfigKey, connectionId, action, input) => {
    kit.checkAlive();
    const { head, body } = await kit.call('triggerAction', { providerConfigKey, connectionId, action }, kit.stringify(input));
    const text = body.toString('utf8');
    const data = text === '' ? null : kit.parse(text);
    const status = head.status ?? 200;
    if (status >= 200 && status <= 299) return data;
    throw kit.platformError({ data, status, statusText: head.statusText ?? '', headers: head.headers });
  };

  kit.triggerSync = async (providerConfigKey, connectionId, sync, opts) => {
    kit.checkAlive();
    return kit.callJson('triggerSync', { providerConfigKey, connectionId, sync, opts });
  };

  kit.startSync = async (providerConfigKey, syncs, connectionId) => {
    kit.checkAlive();
    return kit.callJson('startSync', { providerConfigKey, syncs, connectionId });
  };

  kit.zodValidateInput = async ({ zodSchema, input }) => {
    kit.checkAlive();
    const result = await zodSchema.safeParseAsync(input);
    if (result.success) return { success: true, data: result.data };
    for (const issue of result.error.issues) {
      kit.line('error', `Invalid input provided: ${issue.message} at path ${issue.path.join('.')}`);
    }
    throw new kit.ActionError({ message: 'Invalid input provided' });
  };
})
