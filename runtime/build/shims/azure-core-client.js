// `@azure/core-client`: requests can be described but not sent.
const { unavailable } = require('./unavailable.js');

exports.createSerializer = (modelMappers = {}, isXML = false) => ({ modelMappers, isXML });
exports.ServiceClient = unavailable('Bot Framework connector: @azure/core-client.ServiceClient', 'functions reach the network through the nango object only');
