import { describe, expect, it } from "vitest";
import type {
  OpenCheckpoint,
  PendingWrite,
} from "@/langgraph/pending-writes.js";
import { isOldAnswer } from "@/langgraph/plain-answer.js";
import { FakeClock } from "../support/fake-clock.js";

/** Longer than an answer is looked for while the run waits. */
const WAITED_MS = 1_100;

/** A checkpoint to which LangGraph saves plain answers when a test says so. */
function checkpoint() {
  const clock = new FakeClock();
  let writes: PendingWrite[] = [];
  let read = async () => writes;
  const open = {
    saver: {},
    place: "p",
    read: () => read(),
    put: async (id: string, [[channel, value] = ["", 0]]) => {
      writes = [[id, channel, value]];
    },
  } satisfies Omit<OpenCheckpoint, "saver" | "config"> & { saver: object };
  const noTask = "00000000-0000-0000-0000-000000000000";
  return {
    clock,
    save: (value: unknown) => {
      writes = [[noTask, "__resume__", value]];
    },
    fail: () => {
      read = async () => {
        throw new Error("the checkpointer is away");
      };
    },
    /** What would come back in the next run. */
    left: () => writes.map(([, , value]) => value).filter((one) => one != null),
    isOld: async (value: unknown) => {
      const found = isOldAnswer(
        [open as unknown as OpenCheckpoint],
        { value },
        clock,
      );
      await clock.advance(WAITED_MS);
      return found;
    },
  };
}

describe("a plain answer", () => {
  it("that is saved in time is taken off the checkpoint", async () => {
    const { clock, save, left, isOld } = checkpoint();
    save("yes");
    expect(await isOld("yes")).toBe(false);
    expect(left()).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it("that is saved late is taken off when it is there", async () => {
    const { clock, save, left, isOld } = checkpoint();
    expect(await isOld("yes")).toBe(false);
    await clock.advance(60_000);
    save("yes");
    await clock.advance(5_000);
    expect(left()).toEqual([]);
    await clock.drain();
    expect(clock.pending).toBe(0);
  });

  it("is known for the old one in a run that read it just before it was taken off", async () => {
    const { clock, save, left, isOld } = checkpoint();
    await isOld("yes");
    save("yes");
    await clock.advance(200);
    expect(left()).toEqual([]);
    expect(await isOld("yes")).toBe(true);
  });

  it("is a new one if it is given a while after the old one was taken off", async () => {
    const { clock, save, left, isOld } = checkpoint();
    await isOld("yes");
    save("yes");
    await clock.advance(5_000);
    expect(left()).toEqual([]);
    expect(await isOld("yes")).toBe(false);
  });

  it("is a new one if it differs from the old one", async () => {
    const { clock, save, left, isOld } = checkpoint();
    await isOld("yes");
    save("yes");
    await clock.advance(200);
    expect(left()).toEqual([]);
    expect(await isOld("no")).toBe(false);
  });

  it("that has come back before it was taken off is known, and doesn't come again", async () => {
    const { save, left, isOld } = checkpoint();
    await isOld("yes");
    save("yes");
    expect(await isOld("yes")).toBe(true);
    expect(left()).toEqual([]);
  });

  it("is a new one where the checkpointer fails", async () => {
    const { clock, fail, isOld } = checkpoint();
    fail();
    expect(await isOld("yes")).toBe(false);
    expect(await isOld("yes")).toBe(false);
    await clock.drain();
  });

  it("that is never saved is looked for during ten minutes, and no longer", async () => {
    const { clock, save, left, isOld } = checkpoint();
    await isOld("yes");
    await clock.drain();
    expect(clock.now()).toBeGreaterThan(600_000 - 5_000);
    expect(clock.now()).toBeLessThan(600_000 + 5_000);
    save("yes");
    await clock.advance(600_000);
    expect(left()).toEqual(["yes"]);
  });
});
