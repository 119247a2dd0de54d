"use strict";
// A sync that saves its progress after each page: what a bundler makes of such a function, shortened.
const sync = {
  type: "sync",
  description: "Contacts, page by page",
  frequency: "every day",
  models: {},
  exec: async (nango) => {
    const { mock, total } = await nango.getMetadata();
    const checkpoint = await nango.getCheckpoint();
    let cursor = checkpoint ? checkpoint.cursor : 0;
    while (cursor !== null) {
      const page = await nango.get({
        endpoint: "/items",
        baseUrlOverride: mock,
        params: { cursor: String(cursor), limit: "100", total: String(total) },
      });
      await nango.batchSave(page.data.items, "Contact");
      cursor = page.data.next;
      if (cursor !== null) {
        await nango.saveCheckpoint({ cursor });
      }
    }
    await nango.clearCheckpoint();
  },
};
module.exports = { __esModule: true, default: sync };
