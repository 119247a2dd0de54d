"use strict";
// A sync that follows deletions, page by page with checkpoints, by settings kept in the metadata.
const sync = {
  type: "sync",
  description: "Items, page by page",
  frequency: "every day",
  models: {},
  exec: async (nango) => {
    const { mock, total, evenOnly, note, fail } = await nango.getMetadata();
    const checkpoint = await nango.getCheckpoint();
    let cursor = checkpoint ? checkpoint.cursor : 0;
    await nango.trackDeletesStart("Item");
    while (cursor !== null) {
      if (fail && cursor === 200) {
        throw new Error("as the metadata wants it");
      }
      const page = await nango.get({
        endpoint: "/items",
        baseUrlOverride: mock,
        params: { cursor: String(cursor), limit: "100", total: String(total) },
      });
      const wanted = page.data.items.filter((_, i) => !evenOnly || i % 2 === 0);
      await nango.batchSave(wanted, "Item");
      cursor = page.data.next;
      if (cursor !== null) {
        await nango.saveCheckpoint({ cursor });
      }
      if (note) {
        await nango.updateMetadata({ noted: String(Math.random()) });
      }
    }
    await nango.clearCheckpoint();
    await nango.trackDeletesEnd("Item");
  },
};
module.exports = { __esModule: true, default: sync };
