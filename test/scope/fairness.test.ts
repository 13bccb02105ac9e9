import { describe, expect, test } from "vitest";
import { ConcurrencyCap } from "@/limits/concurrency-cap.js";
import { offerRoom } from "@/limits/limit.js";
import { Schedule } from "@/schedule/schedule.js";
import { CallScope } from "@/scope/call-scope.js";
import { FakeClock } from "../support/fake-clock.js";
import { simpleExecutor } from "../support/run-schedule.js";
import {
  batch,
  call,
  type LimitDraw,
  type NestedCall,
  work,
} from "./support/nested-tree.js";
import { type Played, playTree } from "./support/play-tree.js";

const many = (count: number, one: NestedCall) =>
  Array.from({ length: count }, () => one);

/** A parent whose 100 children take 10 ms each. */
const parentOf100 = call(
  [0],
  work(1),
  batch(...many(100, call([0], work(10)))),
  work(1),
);

/** Plays batches that begin side by side. Tells when a call of a name ran. */
async function play(limits: LimitDraw[], ...batches: NestedCall[][]) {
  const { played, faults } = await playTree(
    { limits, batches },
    new FakeClock(),
  );
  expect(faults).toEqual([]);
  const find = (name: string) =>
    played.find((one) => one.name === name) as Played;
  return (name: string) => [find(name).startAt, find(name).endAt];
}

describe("a parent with 100 children", () => {
  test("leaves the first slot that is free to an outsider that came before them", async () => {
    const times = await play(
      [{ concurrency: 2 }],
      [parentOf100],
      [call([0], work(5))],
      [call([0], work(10))],
    );
    expect(times("b0.0/1.0")).toEqual([1, 11]);
    // The outsider has waited for the one before it alone.
    expect(times("b2.0")).toEqual([5, 15]);
    expect(times("b0.0/1.2")).toEqual([15, 25]);
  });

  test("lets an outsider go first that needs another limit, too, as soon as both have room", async () => {
    const times = await play(
      [{ concurrency: 2 }, { concurrency: 1 }],
      [parentOf100],
      [call([1], work(15))],
      [call([0, 1], work(5))],
      ...many(20, call([1], work(15))).map((one) => [one]),
    );
    // Limit 1 is free at 15, and kept. The next slot of limit 0 is free at 21.
    expect(times("b2.0")).toEqual([21, 26]);
    expect(times("b3.0")).toEqual([26, 41]);
  });

  test("goes before an outsider that comes after them, whose call then is next", async () => {
    const times = await play(
      [{ concurrency: 2 }],
      [parentOf100],
      [call([], work(6), batch(call([0], work(10))))],
    );
    expect(times("b0.0/1.99")).toEqual([491, 501]);
    expect(times("b1.0/1.0")).toEqual([501, 511]);
  });

  test("keeps its own slot alone: the other one goes from outsider to outsider", async () => {
    const times = await play(
      [{ concurrency: 2 }],
      [parentOf100],
      ...many(5, call([0], work(10))).map((one) => [one]),
    );
    const outsiders = [1, 2, 3, 4, 5].map((i) => times(`b${i}.0`)[0]);
    expect(outsiders).toEqual([0, 10, 20, 30, 40]);
    expect(times("b0.0/1.1")).toEqual([11, 21]);
  });
});

describe("a call that goes on", () => {
  test("has the slot that it lent before those that waited longer", async () => {
    const clock = new FakeClock();
    const cap = new ConcurrencyCap("cap", clock, 1);
    const log: string[] = [];
    const holder = new CallScope({
      inside: undefined,
      rules: { depth: 1, maxDepth: 1, cap: undefined, locks: undefined },
      limits: [cap],
      cost: 1,
      clock,
    });
    cap.take(1, clock.now(), holder);
    const outsider = (name: string) =>
      new Schedule<string>({
        clock,
        calls: [{ limits: [cap], cost: 1, dependsOn: [] }],
        executor: simpleExecutor({
          execute: async () => {
            log.push(`${clock.now()} ${name} starts`);
            await clock.sleep(10);
            log.push(`${clock.now()} ${name} ends`);
            return name;
          },
        }),
      }).run();
    void outsider("borrower");
    void outsider("other");
    const stuck = { isStuck: () => true };
    holder.begin(stuck);
    await clock.advance(3);

    void holder.leave(stuck, undefined)?.then(() => {
      log.push(`${clock.now()} holder goes on`);
      clock.schedule(() => {
        log.push(`${clock.now()} holder ends`);
        cap.release(1, holder);
        holder.end();
        offerRoom([cap], clock.now());
      }, 5);
    });
    await clock.drain();
    expect(log).toEqual([
      "0 borrower starts",
      "10 borrower ends",
      "10 holder goes on",
      "15 holder ends",
      "15 other starts",
      "25 other ends",
    ]);
  });
});
