import { FakeClock } from "../../../test/support/fake-clock.js";
import { SlidingWindow } from "../../../packages/parallel-tools-node/src/limits/sliding-window.js";
import { TokenBucket } from "../../../packages/parallel-tools-node/src/limits/token-bucket.js";
import {
  CAP,
  INTERVAL_MS,
  type Load,
  type ResourceKind,
  TOKENS,
} from "./load.js";

/**
 * `strict`: a call starts when its resources have room and no call that came before
 * it waits for one of them. `greedy`: when its resources have room.
 */
export type Order = "strict" | "greedy";

interface Room {
  /** When there is room for a call. Infinity: when one ends. */
  readyAt(cost: number, now: number): number;
  take(cost: number, now: number): void;
  release(): void;
}

/** How long each call waits in an order that is as simple as can be, in ms. */
export async function waitsInOrder(
  { kinds, arrivals }: Load,
  order: Order,
): Promise<number[]> {
  const clock = new FakeClock();
  const rooms = kinds.map(createRoom);
  const waits: number[] = [];
  const queue: number[] = [];
  let cancelWake = () => {};

  const serve = () => {
    const now = clock.now();
    const taken = new Set<number>();
    let wakeAt = Number.POSITIVE_INFINITY;
    for (const index of queue.slice()) {
      const { cost, needs, durationMs, atMs } = arrivals[index]!;
      const readyAt = Math.max(
        ...needs.map((need) => rooms[need]!.readyAt(cost, now)),
      );
      const isNext = order === "greedy" || !needs.some((n) => taken.has(n));
      if (isNext && readyAt <= now) {
        queue.splice(queue.indexOf(index), 1);
        waits[index] = now - atMs;
        for (const need of needs) rooms[need]!.take(cost, now);
        clock.schedule(() => {
          for (const need of needs) rooms[need]!.release();
          serve();
        }, durationMs);
        continue;
      }
      for (const need of needs) taken.add(need);
      if (isNext) wakeAt = Math.min(wakeAt, readyAt);
    }
    cancelWake();
    if (wakeAt < Number.POSITIVE_INFINITY) {
      cancelWake = clock.schedule(serve, Math.ceil(wakeAt - now));
    }
  };

  const arrive = (index: number) => {
    const arrival = arrivals[index];
    if (arrival === undefined) return;
    clock.schedule(() => {
      queue.push(index);
      serve();
      arrive(index + 1);
    }, arrival.atMs - clock.now());
  };
  arrive(0);
  await clock.drain();
  return waits;
}

function createRoom(kind: ResourceKind): Room {
  if (kind === "cap") {
    let running = 0;
    return {
      readyAt: (_, now) => (running < CAP ? now : Number.POSITIVE_INFINITY),
      take: () => {
        running += 1;
      },
      release: () => {
        running -= 1;
      },
    };
  }
  const options = { limit: TOKENS, intervalMs: INTERVAL_MS, burst: TOKENS };
  const limiter =
    kind === "window" ? new SlidingWindow(options) : new TokenBucket(options);
  return {
    readyAt: (cost, now) => limiter.readyAt(cost, now),
    take: (cost, now) => limiter.take(cost, now),
    release: () => {},
  };
}
