// `stream`: the npm package readable-stream.
module.exports = require('readable-stream/lib/ours/browser.js');
