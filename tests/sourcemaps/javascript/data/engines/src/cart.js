import { parsePrice } from './format.js';

const icons = { book: '📚', pen: '🖊️', cup: '☕' };

export const cart = {
  lines: [],

  add(kind, text) {
    this.lines.push({ icon: icons[kind], price: parsePrice(text) });
    return this;
  },

  addAll(items) {
    items.forEach(([kind, text]) => {
      this.add(kind, text);
    });
    return this.lines.length;
  },
};
