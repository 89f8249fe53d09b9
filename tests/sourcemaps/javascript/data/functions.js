// Runs everything that it defines, so that V8 lists it; functions in every form of the language.
var out = [];
function declared(a, b = () => a) { b(); return function () { return a } }
declared(1)();
var expressed = function () { return declared }, arrow = x => x / 2, block = (x) => { return { x } };
expressed(); arrow(4); block(1).x;
var nested = (a, { b = () => 1, c: [d = function () { return 2 }] = [] } = {}) => (b(), d(), e => f => [e, f]);
nested()(1)(2);
async function later() { for await (const x of [1]) await (async () => x)(); return async y => y }
later();
function* many() { yield* [1]; yield/re}/; } [...many()];
var object = {
  method() { return 1 }, get size() { return 2 }, set size(v) { out.push(v) }, async wait() {}, *list() {},
  async *stream() {}, "quoted-key"() {}, 42() {}, [`computed${(() => 1)()}`]() {}, property: function () {},
  arrow: () => 3, with(a) { return a }, get() { return 4 }, static() {}, async() {}, if() {}, of: () => 1,
};
object.method(); object.size; object.size = 1; object.wait(); [...object.list()]; object.stream();
object["quoted-key"](); object[42](); object.computed1(); object.property(); object.arrow(); object.with(1);
object.get(); object.static(); object.async(); object.if(); object.of();
class Base { constructor() { this.made = () => 1; this.made() } }
class Cart extends Base {
  static count = (() => 0)(); #secret = () => 5; total = () => this.#secret()
  static { this.ready = function () { return 1 }; this.ready() }
  constructor(a = () => 2) { super(); a() }
  add() { return this } static make() { return new Cart } get price() { return this.#hidden() } #hidden() { return 1 }
  async load() {} *each() {} static async *flow() {} "with space"() {} [Symbol.iterator]() { return [][Symbol.iterator]() }
}
var cart = Cart.make(); cart.add(); cart.total(); cart.price; cart.load(); [...cart.each()]; Cart.flow(); cart["with space"](); [...cart];
var Named = class Inner { run() { return 1 } }, Anonymous = class { run() { return 2 } };
new Named().run(); new Anonymous().run();
var tree = { a: { b: {} } };
tree.a.b.c = function () { return 1 }; tree.a.b.c(); tree["x-y"] = function () {}; tree["x-y"]();
function Old() {} Old.prototype.run = function () { return 1 }; new Old().run();
var chosen = out ? function () { return 1 } : () => 2; chosen();
var ratio = 10 / (a => a / 2)(4) / 1, regex = /[/}{]\/\(/.test ? 1 : 2, text = `a${(() => `${(() => "}")()}`)()}b`;
