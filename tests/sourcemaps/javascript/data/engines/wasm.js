// (module (import "env" "f" (func $f)) (func $inner unreachable) (func $outer call $inner) (func (export "run") call $outer) (func (export "back") call $f))
// with a name section for the first run and without for the second.
const say = globalThis.print ?? console.log;
const body = [
  0, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
  1, 4, 1, 0x60, 0, 0,
  2, 9, 1, 3, 0x65, 0x6e, 0x76, 1, 0x66, 0, 0,
  3, 5, 4, 0, 0, 0, 0,
  7, 14, 2, 3, 0x72, 0x75, 0x6e, 0, 3, 4, 0x62, 0x61, 0x63, 0x6b, 0, 4,
  10, 20, 4, 3, 0, 0, 0x0b, 4, 0, 0x10, 1, 0x0b, 4, 0, 0x10, 2, 0x0b, 4, 0, 0x10, 0, 0x0b,
];
const names = [0, 22, 4, 0x6e, 0x61, 0x6d, 0x65, 1, 15, 2, 1, 5, 0x69, 0x6e, 0x6e, 0x65, 0x72, 2, 5, 0x6f, 0x75, 0x74, 0x65, 0x72];
function attempt(bytes, entry) {
  const module = new WebAssembly.Module(new Uint8Array(bytes));
  const instance = new WebAssembly.Instance(module, { env: { f() { throw new Error('back in JavaScript'); } } });
  try {
    instance.exports[entry]();
  } catch (error) {
    const header = `${error.name}: ${error.message}\n`;
    say(`${error.stack.startsWith(header) ? error.stack : header + error.stack}\n`);
  }
}
attempt(body, 'run');
attempt([...body, ...names], 'run');
attempt([...body, ...names], 'back');
