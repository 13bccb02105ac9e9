/** A promise and what opens it. */
export interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}

export function createGate(): Gate {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/**
 * Opens for `size` who wait at the same time, all at once, then closes behind
 * them. Fewer wait for ever: the test runs out of time.
 */
export class Barrier {
  readonly #size: number;
  #waiting: (() => void)[] = [];

  constructor(size: number) {
    this.#size = size;
  }

  arrive(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#waiting.length < this.#size) return;
      const group = this.#waiting;
      this.#waiting = [];
      for (const leave of group) leave();
    });
  }
}

/** Counts who is inside at once. */
export class Occupancy {
  peak = 0;
  #inside = 0;

  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#inside += 1;
    this.peak = Math.max(this.peak, this.#inside);
    try {
      return await work();
    } finally {
      this.#inside -= 1;
    }
  }
}
