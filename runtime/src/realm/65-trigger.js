(function trigger(kit, host, $) {
  'use strict';

  /** The arguments of a function in the form of a head. */
  const copied = (value) => {
    const text = $.stringify(value);
    return text === undefined ? undefined : kit.parseBare(text);
  };

  kit.triggerAction = async (providerConfigKey, connectionId, action, input) => {
    kit.checkAlive();
    const head = { __proto__: null, providerConfigKey: copied(providerConfigKey), connectionId: copied(connectionId), action: copied(action) };
    const { head: answer, text } = await $.own(kit.call('triggerAction', head, $.stringify(input)));
    const data = text === '' ? null : $.parse(text);
    const status = answer.status ?? 200;
    if (status >= 200 && status <= 299) return data;
    throw kit.platformError({ __proto__: null, data, status, statusText: answer.statusText ?? '', headers: answer.headers });
  };

  kit.triggerSync = async (providerConfigKey, connectionId, sync, opts) => {
    kit.checkAlive();
    const head = { __proto__: null, providerConfigKey: copied(providerConfigKey), connectionId: copied(connectionId), sync: copied(sync), opts: copied(opts) };
    return await $.own(kit.callJson('triggerSync', head));
  };

  kit.startSync = async (providerConfigKey, syncs, connectionId) => {
    kit.checkAlive();
    const head = { __proto__: null, providerConfigKey: copied(providerConfigKey), syncs: copied(syncs), connectionId: copied(connectionId) };
    return await $.own(kit.callJson('startSync', head));
  };

  kit.zodValidateInput = async ({ zodSchema, input }) => {
    kit.checkAlive();
    const result = await zodSchema.safeParseAsync(input); // the function's own
    if (result.success) return { success: true, data: result.data };
    $.each(result.error.issues, (issue) => kit.line('error', `Invalid input provided: ${issue.message} at path ${kit.pathText(issue.path)}`));
    throw new kit.ActionError({ message: 'Invalid input provided' });
  };
})
