import { settle } from "../../../support/fake-clock.js";

/** The turns of threads that have ended, or that others wait for. */
const ends = new Map<
  string,
  { readonly ended: Promise<void>; readonly end: () => void }
>();

/**
 * Calls that run side by side work one after the other, by the numbers that they
 * are given: then their events have one order, whoever runs them.
 */
export class Turn {
  readonly #thread: string;
  readonly #number: number;

  constructor(thread: string, number: number) {
    this.#thread = thread;
    this.#number = number;
  }

  /** Resolves when the turn before is over, and all that followed from its end. */
  async begin(): Promise<void> {
    if (this.#number > 1) await endOf(this.#thread, this.#number - 1).ended;
    for (let i = 0; i < 3; i += 1) await settle();
  }

  end(): void {
    endOf(this.#thread, this.#number).end();
  }
}

function endOf(thread: string, number: number) {
  const key = `${thread} ${number}`;
  let entry = ends.get(key);
  if (entry === undefined) {
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    entry = { ended, end };
    ends.set(key, entry);
  }
  return entry;
}
