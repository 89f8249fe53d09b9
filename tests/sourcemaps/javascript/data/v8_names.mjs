// Every way to write a function, each calling `here()`, which notes what V8 prints for it.
//
//   node v8_names.mjs > v8_names.json        (recorded with Node.js 20.20.2)
//
// A record is [file, name or null, line, column], 1-based, `async ` and ` [as alias]` as printed.
import { createRequire } from 'node:module';
import * as itself from './v8_names.mjs';

const records = [];
const line = /^at (?:(.*) \()?(?:file:\/\/)?[^()]*\/([^/()]+):(\d+):(\d+)\)?$/;

export function here() {
  const [, name, file, row, column] = line.exec(new Error().stack.split('\n')[2].trim());
  records.push([file, name ?? null, Number(row), Number(column)]);
  return 1;
}

class Cart {
  static count = (here(), 1);
  static { here(); }
  static make = () => here();
  field = (here(), 1);
  arrow = () => here();
  expression = function () { here(); };
  #hidden = () => here();
  literal = { inside: () => here() };
  callback = [1].map(() => here());
  constructor() {
    here();
    this.assigned = () => here();
    this.expressed = function () { here(); };
    this.handlers = { clear: () => here(), stop() { here(); } };
  }
  total() { here(); }
  static open() { here(); }
  static get size() { return here(); }
  get sum() { return here(); }
  set sum(value) { here(); }
  #priv() { here(); }
  get #secret() { return here(); }
  reveal() { this.#hidden(); this.#priv(); return this.#secret; }
  *each() { here(); }
  async load() { here(); }
  async *stream() { here(); }
  'with space'() { here(); }
  'quoted'() { here(); }
  42() { here(); }
  [Symbol.iterator]() { here(); return [].values(); }
  defaults(a = here()) { return a; }
  callbacks() {
    [1].forEach((x) => { here(); });
    [1].forEach(function () { here(); });
    const inner = () => { here(); };
    inner();
    function declared() { here(); }
    declared();
    this.late = () => { here(); };
    this.late();
  }
  nested() { return new (class Deep { method() { here(); } })().method(); }
}
const cart = new Cart();
Cart.make(); cart.arrow(); cart.expression(); cart.literal.inside(); cart.assigned(); cart.expressed();
cart.handlers.clear(); cart.handlers.stop(); cart.total(); Cart.open(); Cart.size; cart.sum; cart.sum = 1; cart.reveal();
[...cart.each()]; cart.load(); cart.stream().next(); cart['with space'](); cart.quoted(); cart[42](); [...cart];
cart.defaults(); cart.callbacks(); cart.nested();

class Price { amount = here(); }
class SalePrice extends Price {}
new Price();
new SalePrice();
class Base { constructor() { here(); } }
class Sub extends Base { constructor() { super(); here(); } }
new Sub();
new (class extends Base {})();
const Named = class { method() { here(); } };
new Named().method();
const Outer = class Inner { method() { here(); } };
new Outer().method();

const literal = {
  method() { here(); },
  property: function () { here(); },
  named: function inner() { here(); },
  arrow: () => here(),
  get getter() { return here(); },
  'dashed-key': () => here(),
  async resumed() { here(); },
  *generated() { here(); },
  nested: { deep: () => here() },
};
literal.method(); literal.property(); literal.named(); literal.arrow(); literal.getter; literal['dashed-key']();
literal.resumed(); [...literal.generated()]; literal.nested.deep();

const arrow = () => { here(); };
arrow();
const wrapped = ((() => { here(); }));
wrapped();
let later;
later = function () { here(); };
later();
let first, second;
first = second = () => { here(); };
first();
let empty;
empty ??= () => { here(); };
empty();
const either = true ? () => { here(); } : null;
either();
const or = null || (() => { here(); });
or();
const comma = (1, () => { here(); });
comma();
const tree = { a: { b: {} } };
tree.a.b.c = function () { here(); };
tree.a.b.c();
tree.a['b'].d = () => { here(); };
tree.a.b.d();
tree['dashed-name'] = () => { here(); };
tree['dashed-name']();
const key = 'computed';
tree[key] = () => { here(); };
tree.computed();
function Old() { here(); this.run = () => { here(); }; this.go = function () { here(); }; }
Old.prototype.walk = function () { here(); };
Old.create = function () { here(); };
const old = new Old();
old.run(); old.go(); old.walk(); Old.create();
const { byDefault = () => { here(); } } = {};
byDefault();
const [listed = () => { here(); }] = [];
listed();
(function (parameter = () => { here(); }) { parameter(); })();
function* generator() { here(); }
[...generator()];
async function asynchronous() { here(); }
asynchronous();

(function () { here(); })();
(() => { here(); })();
(function invoked() { here(); })();
(async () => { here(); })();
[1].map(() => { here(); });
[1].map(function named() { here(); });
((f) => f)(() => { here(); })();
(() => () => { here(); })()();
new Set([() => { here(); }]).forEach((f) => f());
new Promise((resolve) => { here(); resolve(); });
const unicodé = () => { here(); }; const astral = '😀'; const behind = () => { here(); };
unicodé(); behind();
here();

export default function () { here(); }
itself.default();
createRequire(import.meta.url)('./v8_names.cjs').run(here);
console.log(`[\n${records.map((record) => JSON.stringify(record)).join(',\n')}\n]`);
