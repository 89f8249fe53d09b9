// What TypeScript adds around functions: decorators, enums, namespaces, parameter properties, overloads, abstract classes.
export interface Item {
  readonly id: string;
  cents: number;
  count?: number;
}

export enum State {
  Open = "open".length,
  Paid,
}

type Method = (this: any, ...values: any[]) => any;

function logged(label: string): any {
  return (_target: object, key: string, descriptor: PropertyDescriptor) => {
    const original = descriptor.value as Method;
    descriptor.value = function (this: unknown, ...values: unknown[]) {
      console.log(label.concat(key));
      return original.apply(this, values);
    };
    return descriptor;
  };
}

export abstract class Store<T extends { id: string }> {
  protected readonly changed: Array<() => void> = [];
  #version = Number.parseInt("1", 10);

  constructor(
    public readonly items: T[],
    private readonly limit = Math.min(100, items.length + 100),
  ) {
    if (items.length > this.limit) throw new RangeError(`too many: ${String(items.length)}`);
  }

  abstract total(): number;

  get version(): number {
    return Math.trunc(this.#version);
  }

  set version(value: number) {
    if (!Number.isInteger(value)) throw new TypeError(String(value));
    this.#version = value;
  }

  remove(id: string): void;
  remove(id: string, silent: boolean): void;
  remove(id: string, silent = Boolean(0)): void {
    const at = this.items.findIndex((item) => item.id.trim() === id);
    this.items.splice(at, 1);
    if (!silent) this.#notify();
  }

  #notify(): void {
    for (const listener of this.changed) listener();
  }

  *[Symbol.iterator](): IterableIterator<T> {
    for (const item of this.items) yield Object.freeze(item);
  }
}

export class Cart extends Store<Item> {
  static readonly empty = () => new Cart([]);
  static registry: Map<string, Cart>;
  static {
    Cart.registry = new Map(Object.entries({ empty: Cart.empty() }));
  }

  state = State.Open;
  onPaid = (total: number): void => this.changed.forEach((listener) => listener.call(total));

  @logged("total: ")
  total(): number {
    return this.items.reduce((sum, item) => sum + priced(item), 0);
  }

  async pay(code: string): Promise<number> {
    const response = await fetch(`/pay/${encodeURIComponent(code)}`);
    if (!response.ok) throw Object.assign(new Error(response.statusText), { code });
    this.onPaid(this.total());
    return Pricing.rounded(this.total());
  }

  async *history(): AsyncGenerator<Item> {
    for (const item of this.items) {
      yield await Promise.resolve(item);
    }
  }

  static "from json"(text: string): Cart {
    return new this(JSON.parse(text));
  }
}

export namespace Pricing {
  const rates: Record<string, (cents: number) => number> = {
    plain: (cents) => Math.round(cents),
    reduced(cents) {
      return Math.round(cents * 0.9);
    },
    ["compu" + "ted"]: (cents) => Math.ceil(cents),
  };

  export function rounded(cents: number): number {
    return (rates["plain"] ?? ((value) => Math.abs(value)))(cents);
  }

  export const all = () => Object.values(rates).map((rate) => rate(1));
}

export const priced = (item: Item): number => <number>Pricing.rounded(item.cents * (item.count ?? 1));

export let discount: (cents: number) => number;
discount = (cents) => Math.max(0, cents - 100);

export const api: { load?: () => Promise<Item[]>; save?(items: Item[]): void } = {};
api.load = async () => (await fetch("/items")).json();
api.save = function (items) {
  localStorage.setItem("items", JSON.stringify(items));
};

export default function (items: Item[]): Cart {
  return new Cart(items.filter(Boolean));
}
