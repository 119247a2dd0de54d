"use strict";
// Saves records that are hard to keep; what is refused it notes as a record of its own.
function nested(levels) {
  let value = [];
  for (let i = 1; i < levels; i++) value = [value];
  return value;
}
const sync = {
  type: "sync",
  description: "Unusual records",
  frequency: "every day",
  models: {},
  exec: async (nango) => {
    await nango.batchSave(
      [
        { id: "nul\u0000", v: "a\u0000b" },
        { id: "surrogate", v: "\ud800 and \ud83d\ude00" },
        { id: 9007199254740991, v: -0, w: 1e21, x: 1e-7 },
        { id: -1.5, v: Infinity },
        { id: "\ud83d\ude00".repeat(127), v: "emoji" },
        { id: "deep", v: nested(999) },
        { id: "line\u2028break\n", v: "\ufeff" },
        { id: "large", v: "x".repeat(10 * 1024 * 1024) },
        { id: "seven", _nango_metadata: { cursor: "none" }, v: { _nango_metadata: 1 } },
      ],
      "Item",
    );
    const refused = {
      "too-deep": { id: "x", v: nested(1001) },
      "far-too-deep": { id: "x", v: nested(3000) },
      "long-id": { id: "\ud83d\ude00".repeat(128) },
      "half-id": { id: "\udc00" },
      "half-key": { id: "x", "\ud800": 1 },
      "no-id": { v: 1 },
      "zero-id": { id: 0 },
      "true-id": { id: true },
      "text": "text",
      "nothing": null,
      "function": () => 1,
    };
    for (const [name, record] of Object.entries(refused)) {
      try {
        await nango.batchSave([{ id: "half-slice" }, record], "Item");
        await nango.batchSave([{ id: "refused-" + name, message: "not refused" }], "Item");
      } catch (error) {
        await nango.batchSave([{ id: "refused-" + name, message: error.message }], "Item");
      }
    }
    await nango.batchSave([], "Item");
  },
};
module.exports = { __esModule: true, default: sync };
