// `http`: the table of statuses, which the build fills in; nothing can be sent or received.
const { unavailable } = require('./unavailable.js');

const http = unavailable('http', 'functions reach the network through the nango object only');
module.exports = new Proxy(http, { get: (target, name) => (name === 'STATUS_CODES' ? NODE_STATUS_CODES : target[name]) });
