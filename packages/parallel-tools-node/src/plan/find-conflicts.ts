import type { Access } from "../policy/access.js";

interface KeyState {
  /** The last call that wrote the key, or -1. */
  writer: number;
  /** The first call that has read it since, or -1. */
  reader: number;
  /** The other readers. Most keys have none, so there is no list at first. */
  readers: number[] | undefined;
}

/**
 * Finds the earlier calls that a call conflicts with, like a database's lock
 * table: a read waits for the last write. A write waits for the reads since the
 * last write, or for that write if there were none. Edges that others imply are
 * left out, so a key has at most two edges per access.
 */
export class ConflictFinder {
  readonly #keys = new Map<string, KeyState>();
  /** The last call that may have written any key, or -1. */
  #anyWriter = -1;
  /** The calls since then that have named a key. */
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

  /** Adds a call whose keys are unknown until it starts: it may write any. */
  addAny(position: number, onConflict: (earlier: number) => void): void {
    for (const earlier of this.#named) onConflict(earlier);
    if (this.#named.length === 0 && this.#anyWriter >= 0) {
      onConflict(this.#anyWriter);
    }
    this.clear();
    this.#anyWriter = position;
  }

  /** Forgets all calls: a barrier makes those that follow wait for them. */
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
    // The call has named the key before. A write counts as a read, too.
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
