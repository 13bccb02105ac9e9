import type { Access } from "../policy/access.js";

interface KeyState {
  /** The last call that wrote the key, or -1. */
  writer: number;
  /** The first call that has read it since, or -1. */
  reader: number;
  /** The others: most keys have none, and need no list. */
  readers: number[] | undefined;
}

/**
 * Finds which earlier calls a call conflicts with, as a database's lock table
 * would: a read waits for the last write, a write for the reads since the last
 * write, or for that write where nobody read. What those imply is left out, so
 * the edges of one key never outnumber twice its accesses.
 */
export class ConflictFinder {
  readonly #keys = new Map<string, KeyState>();
  /** The last call that may have written any key, or -1. */
  #anyWriter = -1;
  /** The calls that have named a key since. */
  #named: number[] = [];

  /** Calls `onConflict` for each call that `position` has to wait for. */
  add(
    position: number,
    accesses: readonly Access[],
    onConflict: (earlier: number, key: string) => void,
  ): void {
    if (accesses.length > 0) this.#named.push(position);
    for (const { mode, key } of accesses) {
      if (mode === "write") this.#write(position, key, onConflict);
    }
    for (const { mode, key } of accesses) {
      if (mode === "read") this.#read(position, key, onConflict);
    }
  }

  /** A call of which only its start will tell what keys it writes: maybe all. */
  addAny(position: number, onConflict: (earlier: number) => void): void {
    for (const earlier of this.#named) onConflict(earlier);
    if (this.#named.length === 0 && this.#anyWriter >= 0) {
      onConflict(this.#anyWriter);
    }
    this.clear();
    this.#anyWriter = position;
  }

  /** Everything that follows waits for all that came before by other means. */
  clear(): void {
    this.#keys.clear();
    this.#named = [];
    this.#anyWriter = -1;
  }

  #read(
    position: number,
    key: string,
    onConflict: (earlier: number, key: string) => void,
  ): void {
    const state = this.#stateOf(key);
    // Named twice, or written by the same call, which counts for both.
    const { writer, reader, readers } = state;
    if (writer === position || reader === position) return;
    if (readers?.at(-1) === position) return;
    if (writer >= 0) onConflict(writer, key);
    if (reader < 0) state.reader = position;
    else if (readers === undefined) state.readers = [position];
    else readers.push(position);
  }

  #write(
    position: number,
    key: string,
    onConflict: (earlier: number, key: string) => void,
  ): void {
    const state = this.#stateOf(key);
    if (state.writer === position) return;
    if (state.reader >= 0) {
      onConflict(state.reader, key);
      for (const reader of state.readers ?? []) onConflict(reader, key);
    } else if (state.writer >= 0) {
      onConflict(state.writer, key);
    }
    state.writer = position;
    state.reader = -1;
    state.readers = undefined;
  }

  #stateOf(key: string): KeyState {
    let state = this.#keys.get(key);
    if (state === undefined) {
      const writer = this.#anyWriter;
      state = { writer, reader: -1, readers: undefined };
      this.#keys.set(key, state);
    }
    return state;
  }
}
