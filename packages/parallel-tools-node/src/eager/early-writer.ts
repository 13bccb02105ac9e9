import { AsyncResource } from "node:async_hooks";

type Writer = (chunk: unknown) => void;

/** Holds back what a tool writes until it is known who may read it. */
export class EarlyWriter {
  #held: unknown[] = [];
  #writer: Writer | undefined;
  #isDropped = false;

  readonly write = (chunk: unknown): void => {
    if (this.#isDropped) return;
    if (this.#writer === undefined) this.#held.push(chunk);
    else this.#writer(chunk);
  };

  /**
   * From now on a writer is called where this was: it looks there for the graph that it
   * writes for.
   *
   * @param writer of the run; anything else: there is none
   */
  handTo(writer: unknown): void {
    if (typeof writer !== "function") {
      this.drop();
      return;
    }
    this.#writer = AsyncResource.bind(writer as Writer);
    for (const chunk of this.#held.splice(0)) this.#writer(chunk);
  }

  drop(): void {
    this.#isDropped = true;
    this.#held = [];
  }
}
