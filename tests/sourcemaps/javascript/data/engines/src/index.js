import { cart } from './cart.js';

function checkout(name) {
  const count = cart.addAll([
    ['book', '1299DE'],
    ['cup', '450XX'],
  ]);
  return `🛒 ${name}: ${count}`;
}

function evaluated() {
  globalThis.run = new Function('work', 'const answer = work();\nreturn answer;');
  return globalThis.run(() => checkout('🙂 Ada'));
}

function* steps() {
  yield 1;
  yield evaluated();
}

try {
  for (const step of steps()) globalThis.last = step;
} catch (error) {
  // The shells print no stack of an uncaught error in the form that pages see.
  const header = `${error.name}: ${error.message}\n`;
  (globalThis.print ?? console.log)(error.stack.startsWith(header) ? error.stack : header + error.stack);
}
