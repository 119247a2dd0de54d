// `@azure/core-client`: descriptions of requests can be made, the client that sends them cannot.
const { unavailable } = require('./unavailable.js');

exports.createSerializer = (modelMappers = {}, isXML = false) => ({ modelMappers, isXML });
exports.ServiceClient = unavailable('Bot Framework connector: @azure/core-client.ServiceClient', 'functions reach the network through the nango object only');
