exports.run = function (here) {
  here();
  module.exports.other = () => { here(); };
  module.exports.other();
};
