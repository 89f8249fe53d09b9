// Throws in many ways and prints, for every call on the stack, the line as V8 writes it and what V8's API says about it.
// V8 formats a CallSite with toString() exactly as it does in error.stack.
const vm = require('node:vm');

const cases = [];
Error.prepareStackTrace = (error, calls) => {
  error.calls = calls.map((call) => ({
    text: call.toString(),
    file: call.getScriptNameOrSourceURL() ?? null,
    line: call.getLineNumber(),
    column: call.getColumnNumber(),
    async: call.isAsync(),
    index: call.isPromiseAll?.() ? call.getPromiseIndex() : null,
    eval: call.isEval() && call.getEvalOrigin() ? call.getEvalOrigin() : null,
    native: call.isNative(),
    constructor: call.isConstructor(),
    function: call.getFunctionName(),
    method: call.getMethodName(),
    type: call.isToplevel() ? null : call.getTypeName(),
  }));
  return `${error}${calls.map((call) => `\n    at ${call}`).join('')}`;
};

const keep = (name, error) => {
  const stack = error.stack;
  cases.push({ name, stack, calls: error.calls });
};
const run = (name, body) => {
  try {
    body();
  } catch (error) {
    keep(name, error);
  }
};
const inFile = (filename, code) => () => vm.runInThisContext(code, { filename });

class Thing {
  constructor() { throw new Error('constructor'); }
  static make() { null.x; }
  get size() { return null.y; }
  ['two words']() { null.z; }
  [Symbol.iterator]() { null.it; }
}
const thing = Object.create(Thing.prototype);
const renamed = { before: function original() { null.x; } };
renamed.after = renamed.before;
delete renamed.before;

run('constructor', () => new Thing());
run('static method', () => Thing.make());
run('getter', () => thing.size);
run('computed name', () => thing['two words']());
run('symbol', () => [...thing]);
run('called by another name', () => renamed.after());
run('anonymous', () => (() => null.x)());
run('builtin', () => [1].map(() => null.x));
run('replace', () => 'a'.replace(/a/, () => null.x));
run('generator', () => { function* g() { null.x; } [...g()]; });
run('JSON', () => JSON.parse('{bad'));
run('eval', () => eval('(function g() { throw new Error("e") })()'));
run('eval in eval', () => eval('eval("null.x")'));
run('Function', () => new Function('throw new Error("F")')());
run('eval with sourceURL', () => eval('null.x\n//# sourceURL=webpack-internal:///./src/x.js'));
run('parentheses and spaces', inFile('/a b (1)/x.js', '(function ff() { null.x })()'));
run('query', inFile('https://h:8080/a(b)/x.js?q=1', '(function ff() { null.x })()'));
run('Windows', inFile('C:\\Program Files (x86)\\x.js', '(function ff() { null.x })()'));
run('unbalanced', inFile('/odd)/x(.js', '(function ff() { null.x })()'));
run('only a name', inFile('index.js', '(function ff() { null.x })()'));
run('URL of the page', inFile('app:///main.bundle', '(() => null.x)()'));
const bytes = [0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 5, 1, 3, 0, 0, 11];
run('WebAssembly', () => new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(bytes))).exports.f());

const later = async (name, body) => {
  try {
    await body();
  } catch (error) {
    keep(name, error);
  }
};
(async () => {
  const fail = async (n) => { await null; if (n === 2) throw new Error('async'); };
  await later('await', async function outer() { await fail(2); });
  await later('Promise.all', () => Promise.all([1, 2].map(fail)));
  await later('Promise.any', async () => { await Promise.any([fail(2)]).catch((error) => { throw error.errors[0]; }); });
  await later('Promise.allSettled', async () => { const [one] = await Promise.allSettled([fail(2)]); throw one.reason; });
  process.stdout.write(JSON.stringify(cases));
})();
