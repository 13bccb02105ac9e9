import { expect, it } from "vitest";
import { Polling } from "@/shared/polling.js";
import { FakeClock } from "../support/fake-clock.js";

function create() {
  const clock = new FakeClock();
  const asked: number[] = [];
  const polling = new Polling(clock, () => {
    asked.push(clock.now());
    polling.update(true, false);
  });
  return { clock, asked, polling };
}

it("polling slows down to once per second while nothing comes", async () => {
  const { clock, asked, polling } = create();
  polling.update(true, false);
  await clock.advance(60_000);
  const waits = asked.slice(1).map((at, index) => at - asked[index]!);
  expect(asked[0]).toBe(20);
  for (const [index, wait] of waits.entries()) {
    expect(wait).toBeLessThanOrEqual(1_000);
    // What has been waited so far.
    expect(wait).toBeLessThanOrEqual(asked[index]! / 4 + 20);
  }
  expect(asked.length).toBeLessThanOrEqual(60 + 20);
});

it("polling is fast again when something has come, and ends when it may", async () => {
  const { clock, asked, polling } = create();
  polling.update(true, false);
  await clock.advance(30_000);
  asked.length = 0;
  polling.hurry();
  polling.update(true, false);
  await clock.advance(50);
  expect(asked).toEqual([30_020, 30_045]);
  polling.update(true, true);
  await clock.drain();
  expect(asked).toHaveLength(2);
  expect(clock.pending).toBe(0);
});

it("what comes often doesn't put polling off", async () => {
  const { clock, asked, polling } = create();
  polling.update(true, false);
  for (let i = 0; i < 4; i += 1) {
    await clock.advance(10);
    polling.hurry();
    polling.update(true, false);
  }
  expect(asked).toEqual([20, 40]);
});

it("polling goes on for as long as another process can't send messages", async () => {
  const clock = new FakeClock();
  const asked: number[] = [];
  const polling = new Polling(clock, () => {
    asked.push(clock.now());
    polling.update(true, true);
  });
  polling.onSilent(40);
  polling.update(true, true);
  await clock.drain();
  expect(asked).toEqual([20, 45]);
});
