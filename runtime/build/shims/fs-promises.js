// `fs/promises`: the functions of `fs` answer promises when they get no callback.
module.exports = require('./fs.js').promises;
