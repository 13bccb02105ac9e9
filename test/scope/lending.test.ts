import { describe, expect, test } from "vitest";
import { FakeClock } from "../support/fake-clock.js";
import {
  batch,
  call,
  type LimitDraw,
  type NestedCall,
  work,
} from "./support/nested-tree.js";
import { playTree } from "./support/play-tree.js";

/** Plays batches that begin side by side. Tells when each call ran. */
async function play(limits: LimitDraw[], ...batches: NestedCall[][]) {
  const clock = new FakeClock();
  const { played, faults, lent } = await playTree({ limits, batches }, clock);
  expect(faults).toEqual([]);
  const times = played.map(
    ({ name, startAt, endAt }) => `${name} ${startAt}-${endAt}`,
  );
  return { times, lent };
}

describe("a slot is not lent", () => {
  test("at the moment when what runs inside of its holder can have another one", async () => {
    const { times, lent } = await play(
      [{ concurrency: 1 }, { concurrency: 1 }],
      [
        call(
          [1],
          work(1),
          batch(call([0, 1], work(2)), call([0, 1], work(2))),
          work(1),
        ),
      ],
      [call([1], work(1))],
    );
    expect(times).toEqual([
      "b0.0 0-6",
      "b0.0/1.0 1-3",
      "b0.0/1.1 3-5",
      "b1.0 6-7",
    ]);
    expect(lent).toBe(0);
  });

  test("while another one in a p-limit is on its way", async () => {
    const { times, lent } = await play(
      [{ concurrency: 1, isPLimit: true }, { concurrency: 1 }],
      [call([], work(1), batch(call([1], work(4)), call([0, 1], work(3))))],
      [call([1], work(2), batch(call([0], work(1)), call([0, 1], work(2))))],
    );
    expect(times).toEqual([
      "b0.0 0-12",
      "b1.0 0-5",
      "b1.0/1.0 2-3",
      "b1.0/1.1 3-5",
      "b0.0/1.0 5-9",
      "b0.0/1.1 9-12",
    ]);
    expect(lent).toBe(0);
  });

  test("at the moment when a server wants calls again that run inside of its holder", async () => {
    const { times, lent } = await play(
      [{ concurrency: 1 }, { pause: { atMs: 1, ms: 10 } }],
      [
        call(
          [0],
          batch(
            call([0], work(11)),
            call([], work(2), batch(call([1], work(2)))),
          ),
        ),
      ],
      [call([0], work(1))],
    );
    expect(times).toEqual([
      "b0.0 0-13",
      "b0.0/1.0 0-11",
      "b0.0/1.1 0-13",
      "b0.0/1.1/1.0 11-13",
      "b1.0 13-14",
    ]);
    expect(lent).toBe(0);
  });
});
