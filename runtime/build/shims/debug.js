// `debug`: prints nothing.
function createDebug() {
  const debug = () => undefined;
  return Object.assign(debug, { enabled: false, extend: createDebug, destroy: () => true });
}

module.exports = Object.assign(createDebug, { debug: createDebug, default: createDebug, enable: () => undefined, disable: () => '', enabled: () => false });
