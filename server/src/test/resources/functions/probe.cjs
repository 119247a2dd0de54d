"use strict";
// Does what its input says, and counts how often it was begun on a connection.
const action = {
  type: "action",
  description: "Does as it is told",
  exec: async (nango, input) => {
    const { begun = 0 } = (await nango.getCheckpoint()) ?? {};
    await nango.saveCheckpoint({ begun: begun + 1 });
    const { base, path } = input;
    const get = () => nango.get({ baseUrlOverride: base, endpoint: path });
    switch (input.do) {
      case "count": return begun + 1;
      case "answer": return input.value;
      case "nothing": return undefined;
      case "actionError": throw new nango.ActionError({ code: "custom", detail: { a: 1 } });
      case "throw": throw new TypeError("plain failure");
      case "throw text": throw "a text";
      case "large": return "x".repeat(3 * 1024 * 1024);
      case "get": return (await get()).data;
      case "get and count": await get(); return begun + 1;
      case "fail until": if (begun + 1 < input.attempt) throw new Error("not yet"); return begun + 1;
      case "call": return await nango.triggerAction("crm", input.connection, "probe", input.input);
      default: return input;
    }
  },
};
module.exports = { __esModule: true, default: action };
