"use strict";
// A sync that does with the model Item what the metadata of its connection say.
const sync = {
  type: "sync",
  description: "As the metadata want it",
  frequency: "every day",
  models: {},
  exec: async (nango) => {
    const { count, stamp, track, swallow } = await nango.getMetadata();
    if (track) {
      await nango.trackDeletesStart("Item");
    }
    const items = Array.from({ length: count }, (_, i) => ({ id: `i${i}`, name: `item ${i}`, fetchedAt: stamp }));
    await nango.batchSave(items, "Item");
    if (track) {
      try {
        await nango.trackDeletesEnd("Item");
      } catch (error) {
        if (!swallow) {
          throw error;
        }
      }
    }
    await nango.saveCheckpoint({ done: true });
  },
};
module.exports = { __esModule: true, default: sync };
