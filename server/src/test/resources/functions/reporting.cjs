"use strict";
// A sync that saves, updates and deletes the same few records again and again; it notes each step before and after.
const sync = {
  type: "sync",
  description: "Always something new",
  frequency: "every day",
  models: {},
  exec: async (nango) => {
    const { board, author, rounds } = await nango.getMetadata();
    const checkpoint = await nango.getCheckpoint();
    let step = checkpoint ? checkpoint.step : 0;
    for (let i = 0; i < rounds; i++) {
      step++;
      // First the note: a step that was cut off is not taken again, another one follows.
      await nango.saveCheckpoint({ step });
      const ids = [];
      for (let k = 0; k < 10; k++) ids.push(`${author}-${(step * 7 + k * 3) % 40}`);
      ids.push(`s-${step % 60}`);
      const stamp = `${author}-${step}`;
      if (step % 4 < 2) {
        const pad = "p".repeat((step * 31) % 211);
        await nango.batchSave(ids.map((id) => ({ id, stamp, pad })), "Item");
      } else if (step % 4 === 2) {
        await nango.batchUpdate(ids.map((id) => ({ id, stamp, u: step })), "Item");
      } else {
        await nango.batchDelete(ids.map((id) => ({ id })), "Item");
      }
      await nango.get({ endpoint: `/${author}/${step}`, baseUrlOverride: board, retries: 0 });
    }
  },
};
module.exports = { __esModule: true, default: sync };
