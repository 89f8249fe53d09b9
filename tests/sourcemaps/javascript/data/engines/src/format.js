// The emoji stand in front of the calls on the minified line: who counts them otherwise points elsewhere.
export const flags = { DE: '🇩🇪', FR: '🇫🇷', JP: '🇯🇵', US: '🇺🇸' };

export class Money {
  constructor(cents, country) {
    if (!(country in flags)) throw new RangeError(`no such country: ${country} 🌍`);
    this.cents = cents;
    this.country = country;
  }

  get label() {
    return `${flags[this.country]} ${this.cents.toFixed(2)}`;
  }
}

export function parsePrice(text) {
  return new Money(Number.parseInt(text, 10), text.slice(-2));
}
