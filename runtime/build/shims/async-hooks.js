// `async_hooks`: resources run their callbacks as they are.
exports.AsyncResource = class AsyncResource {
  runInAsyncScope(callback, self, ...args) {
    return callback.apply(self, args);
  }
};
