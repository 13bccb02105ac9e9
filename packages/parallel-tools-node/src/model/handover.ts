import type { UnreadStream } from "./unread-stream.js";

/** Hands pieces from one who makes them to one who asks for them, one at a time. */
export class Handover<Piece> {
  #hasBegun = false;
  #isClosed = false;
  #piece: { readonly value: Piece } | undefined;
  #end: (() => void) | undefined;
  /** Wakes whoever waits for the next piece. */
  #onPiece: () => void = () => {};
  /** Wakes whoever waits until the next piece is asked for. */
  #onAsked: () => void = () => {};

  /** Whether a piece has been handed out. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** Hands out all pieces of `source`, each when it is asked for. */
  async give(
    source: AsyncIterable<Piece>,
    unread: UnreadStream,
  ): Promise<void> {
    for await (const value of source) {
      if (this.#isClosed) return;
      this.#hasBegun = true;
      this.#piece = { value };
      const asked = new Promise<void>((resolve) => {
        this.#onAsked = resolve;
      });
      this.#onPiece();
      unread.begin();
      await asked;
      unread.stop();
      if (this.#isClosed) return;
      await unread.end();
    }
  }

  /** There are no more pieces. */
  readonly end = (): void => {
    this.#end ??= () => {};
    this.#onPiece();
  };

  readonly fail = (error: unknown): void => {
    this.#end ??= () => {
      throw error;
    };
    this.#onPiece();
  };

  /** Nobody asks for pieces any more. */
  close(): void {
    this.#isClosed = true;
    this.#onAsked();
  }

  async *take(): AsyncGenerator<Piece> {
    for (;;) {
      if (this.#piece !== undefined) {
        const { value } = this.#piece;
        this.#piece = undefined;
        yield value;
        this.#onAsked();
      } else if (this.#end !== undefined) {
        this.#end();
        return;
      } else {
        await new Promise<void>((resolve) => {
          this.#onPiece = resolve;
        });
      }
    }
  }
}
