/** A binary heap. Which of two equal items comes first is not defined. */
export class PriorityQueue<Item> {
  readonly #items: Item[] = [];
  readonly #compare: (a: Item, b: Item) => number;

  /** @param compare negative when `a` comes before `b` */
  constructor(compare: (a: Item, b: Item) => number) {
    this.#compare = compare;
  }

  get size(): number {
    return this.#items.length;
  }

  /** All items, in any order. */
  [Symbol.iterator](): Iterator<Item> {
    return this.#items[Symbol.iterator]();
  }

  /** The first item, left in place. */
  peek(): Item | undefined {
    return this.#items[0];
  }

  push(item: Item): void {
    this.#items.push(item);
    this.#rise(this.#items.length - 1);
  }

  pop(): Item | undefined {
    const first = this.#items[0];
    const last = this.#items.pop();
    if (this.#items.length > 0) {
      this.#items[0] = last as Item;
      this.#sink(0);
    }
    return first;
  }

  /** Takes an item out, wherever it is, in linear time. Returns whether it was there. */
  remove(item: Item): boolean {
    const at = this.#items.indexOf(item);
    if (at < 0) return false;
    const last = this.#items.pop() as Item;
    if (at === this.#items.length) return true;
    this.#items[at] = last;
    this.#rise(at);
    this.#sink(at);
    return true;
  }

  #rise(at: number): void {
    const items = this.#items;
    const item = items[at] as Item;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#compare(item, items[parent] as Item) >= 0) break;
      items[at] = items[parent] as Item;
      at = parent;
    }
    items[at] = item;
  }

  #sink(at: number): void {
    const items = this.#items;
    const item = items[at] as Item;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= items.length) break;
      if (
        child + 1 < items.length &&
        this.#compare(items[child + 1] as Item, items[child] as Item) < 0
      ) {
        child += 1;
      }
      if (this.#compare(items[child] as Item, item) >= 0) break;
      items[at] = items[child] as Item;
      at = child;
    }
    items[at] = item;
  }
}
