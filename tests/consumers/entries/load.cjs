// A CommonJS module, so that `require` is the real one.
module.exports = (id) => require(id);
