import type { EncodedCount, EncodedRequest, Update } from "./protocol.js";

/** Starts in so small a part of the time for which they count are one entry. */
const MERGED_SHARE = 1 / 64;

/** Starts that took tokens of the same rates at about the same time. */
interface Start {
  readonly count: EncodedCount;
  /** By this process's clock: the first of them. */
  readonly since: number;
  /** The last of them. All count from then. */
  at: number;
  tokens: number;
  /** The store knows of them. */
  isTold: boolean;
}

/**
 * The starts of this process that still count at a rate limit. The store has to
 * be told of those that it didn't grant, and of all if it has lost its memory.
 */
export class RecentStarts {
  /** By what counts them, oldest first. */
  readonly #starts = new Map<string, Start[]>();

  /** @param isTold the store has granted the start */
  add(
    { counts }: EncodedRequest,
    now: number,
    { isTold }: { readonly isTold: boolean },
  ): void {
    for (const count of counts) {
      const starts = this.#starts.get(count.text) ?? [];
      this.#starts.set(count.text, starts);
      while (starts[0] !== undefined && starts[0].at + count.countsMs <= now) {
        starts.shift();
      }
      const last = starts.at(-1);
      const mergedMs = count.countsMs * MERGED_SHARE;
      if (last?.isTold === isTold && now - last.since <= mergedMs) {
        last.at = now;
        last.tokens += count.tokens;
      } else {
        const { tokens } = count;
        starts.push({ count, since: now, at: now, tokens, isTold });
      }
    }
  }

  /** What an update tells of them, oldest first. From now on they are told. */
  takeUntold(now: number): Start[] {
    const untold: Start[] = [];
    for (const starts of this.#starts.values()) {
      for (const start of starts) {
        if (start.isTold) continue;
        start.isTold = true;
        if (start.at + start.count.countsMs > now) untold.push(start);
      }
    }
    return untold.sort((one, other) => one.at - other.at);
  }

  /** The store has lost its memory. */
  untellAll(): void {
    for (const starts of this.#starts.values()) {
      for (const start of starts) start.isTold = false;
    }
  }
}

/** @param starts the store may not have been told of them after all */
export function untell(starts: readonly Start[]): void {
  for (const start of starts) start.isTold = false;
}

export function encodeStarts(
  starts: readonly Start[],
  now: number,
): Update["started"] {
  return starts.map(({ count, tokens, at }) => [
    count.text,
    tokens,
    Math.floor((now - at) * 1_000),
  ]);
}

export type { Start };
