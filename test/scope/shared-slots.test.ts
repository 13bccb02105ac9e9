import { describe, expect, test } from "vitest";
import { createInProcessLimits } from "@/limits/in-process-limits.js";
import type { LimitRequest, SharedLimits } from "@/limits/shared-limits.js";
import { FakeClock } from "../support/fake-clock.js";
import type { LimitDraw, NestedCall } from "./support/nested-tree.js";
import { playTree } from "./support/play-tree.js";
import { withoutNesting } from "./support/stores.js";

const A = 0;
const B = 1;

/** A call that works for so long, before and after a batch if it has one. */
function call(
  limits: readonly number[],
  workMs: number,
  ...inside: NestedCall[]
): NestedCall {
  const steps = inside.length === 0 ? [] : [{ batches: [inside] }, { workMs }];
  return { limits, cost: 1, steps: [{ workMs }, ...steps] };
}

/**
 * Runs each batch in a process of its own. The log says what they ask of the store,
 * and what they give back: `["0 p0 wants limit 0", "5 p0 returns limit 0"]`.
 */
async function play(
  limits: readonly LimitDraw[],
  batches: readonly (readonly NestedCall[])[],
  answer: (store: SharedLimits, request: LimitRequest) => unknown = () => {},
) {
  const clock = new FakeClock();
  const log: string[] = [];
  const store = createInProcessLimits(clock);
  const stores = batches.map(
    (_, i): SharedLimits => ({
      sharesSlots: true,
      async acquire(request) {
        const { limits: asked, held, goesOn } = request;
        const names = asked.map(({ name }) => name.slice("limit ".length));
        const what = `p${i} ${names.join()}${goesOn ? " again" : ""}`;
        const without = held === undefined ? "" : " without slots";
        log.push(`${clock.now()} ${what}${without}`);
        answer(store, request);
        const permit = await store.acquire(request);
        const release = () => {
          log.push(`${clock.now()} ${what} is free`);
          permit.release();
        };
        return { ...permit, release };
      },
      pause: (limit, ms) => store.pause(limit, ms),
    }),
  );
  const { faults, played } = await playTree({ limits, batches }, clock, {
    stores,
  });
  const ends = played.map(({ name, endAt }) => `${name} ends at ${endAt}`);
  return { faults, log, ends };
}

describe("calls with limits in a store", () => {
  test("use the slot of a call around them, whatever other limits they have", async () => {
    const { faults, log } = await play(
      [{ concurrency: 1 }, { concurrency: 1 }],
      [[call([A, B], 5, call([A], 3))]],
    );
    expect(faults).toEqual([]);
    expect(log).toEqual([
      "0 p0 0,1",
      "5 p0 0 without slots",
      "8 p0 0 is free",
      "13 p0 0,1 is free",
    ]);
  });

  test("use it one at a time", async () => {
    const { faults, ends } = await play(
      [{ concurrency: 1 }],
      [[call([A], 5, call([A], 3), call([A], 3))]],
    );
    expect(faults).toEqual([]);
    expect(ends).toEqual([
      "b0.0 ends at 16",
      "b0.0/1.0 ends at 8",
      "b0.0/1.1 ends at 11",
    ]);
  });

  test("end without a moment's wait, if there are more parents than slots", async () => {
    const parents = Array.from({ length: 8 }, () => call([A], 5, call([A], 3)));
    const { faults, ends, log } = await play([{ concurrency: 4 }], [parents]);
    expect(faults).toEqual([]);
    expect(ends.filter((line) => line.endsWith(" 26"))).toHaveLength(4);
    expect(log.filter((line) => line.includes("again"))).toEqual([]);
  });

  test("are lent slots at once, where this process has them all", async () => {
    const { faults, log, ends } = await play(
      [{ concurrency: 1 }, { concurrency: 1 }],
      [[call([A], 5, call([B], 3)), call([B], 5, call([A], 3))]],
    );
    expect(faults).toEqual([]);
    expect(log.some((line) => line.includes("again"))).toBe(false);
    expect(ends).toEqual([
      "b0.0 ends at 21",
      "b0.1 ends at 13",
      "b0.1/1.0 ends at 8",
      "b0.0/1.0 ends at 16",
    ]);
  });

  test("give theirs back after a moment, so that a cycle between processes ends", async () => {
    const { faults, log } = await play(
      [{ concurrency: 1 }, { concurrency: 1 }],
      [[call([A], 5, call([B], 3))], [call([B], 5, call([A], 3))]],
    );
    expect(faults).toEqual([]);
    expect(log).toEqual([
      "0 p0 0",
      "0 p1 1",
      "5 p0 1",
      "5 p1 0",
      "105 p0 0 is free",
      "108 p1 0 is free",
      "113 p1 1 is free",
      "116 p0 0 again",
      "116 p0 1 is free",
      "121 p0 0 again is free",
    ]);
  });

  test("keep theirs while they wait for a rate", async () => {
    const rate = {
      limit: 1,
      intervalMs: 1_000,
      algorithm: "sliding-window",
    } as const;
    const { faults, log } = await play(
      [{ concurrency: 2, rate }],
      [[call([A], 5, call([A], 3))]],
    );
    expect(faults).toEqual([]);
    expect(log).toEqual([
      "0 p0 0",
      "5 p0 0 without slots",
      "1003 p0 0 is free",
      "1008 p0 0 is free",
    ]);
  });

  test("pay no rate again when they go on", async () => {
    const rate = {
      limit: 1,
      intervalMs: 1_000,
      algorithm: "sliding-window",
    } as const;
    const { faults, ends } = await play(
      [{ concurrency: 1, rate }, { concurrency: 1 }],
      [[call([A], 5, call([B], 3))], [call([B], 500)]],
    );
    expect(faults).toEqual([]);
    expect(ends).toContain("b0.0 ends at 508");
  });

  test("go on if the store can't say whether there is a slot", async () => {
    const { faults, ends } = await play(
      [{ concurrency: 1 }, { concurrency: 1 }],
      [[call([A], 5, call([B], 3))], [call([B], 500)]],
      (_store, { goesOn }) => {
        if (goesOn) throw new Error("the store is away");
      },
    );
    expect(faults).toEqual([]);
    expect(ends).toContain("b0.0 ends at 508");
  });

  // The reader who ends makes no room, but all who are left wait for each other.
  test("give their slots back also when a call ends that was running code", async () => {
    const reads = (...steps: NestedCall["steps"]): NestedCall => ({
      limits: [],
      cost: 1,
      accesses: [{ key: "a", mode: "read" }],
      steps,
    });
    const writes: NestedCall = {
      limits: [],
      cost: 1,
      accesses: [{ key: "a", mode: "write" }],
      steps: [{ workMs: 3 }],
    };
    /** A process that needs a slot of `other` before its slot of `own` is free. */
    const batch = (own: number, other: number, ...inside: NestedCall[]) => [
      call([own], 5, writes, ...inside),
      reads({ workMs: 50 }),
      reads({ workMs: 10 }, { batches: [[call([other], 3)]] }),
    ];
    const cross = await play(
      [{ concurrency: 1 }, { concurrency: 1 }],
      [batch(A, B), batch(B, A)],
    );
    expect(cross.faults).toEqual([]);
    expect(cross.log).toContain("150 p0 0 is free");

    const clock = new FakeClock();
    const store = withoutNesting(createInProcessLimits(clock));
    const batches = [batch(A, A, call([A], 3))];
    const limits = [{ concurrency: 1 }];
    const tree = { limits, batches };
    const { faults } = await playTree(tree, clock, { stores: [store] });
    expect(faults).toEqual([]);
  });

  test("give their slots back also when all that a call inside waited for was a key", async () => {
    const clock = new FakeClock();
    const store = withoutNesting(createInProcessLimits(clock));
    const uses = (
      mode: "read" | "write",
      limits: number[],
      workMs: number,
    ) => ({
      limits,
      cost: 1,
      accesses: [{ key: "b", mode }],
      steps: [{ workMs }],
    });
    const parent = call([A], 5, call([A], 3), uses("write", [A], 3));
    const batches = [[parent, uses("read", [], 50)]];
    const limits = [{ concurrency: 1 }];
    const { faults, played } = await playTree({ limits, batches }, clock, {
      stores: [store],
    });
    expect(faults).toEqual([]);
    // A moment after the key is free, since the store doesn't know who is inside.
    expect(played.map(({ name, startAt }) => `${startAt} ${name}`)).toEqual([
      "0 b0.1",
      "0 b0.0",
      "150 b0.0/1.0",
      "153 b0.0/1.1",
    ]);
  });
});
