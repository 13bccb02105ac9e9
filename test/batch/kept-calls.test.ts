import { ToolMessage } from "@langchain/core/messages";
import type { ToolCall } from "@langchain/core/messages/tool";
import { describe, expect, test } from "vitest";
import { Durability, KeptCalls } from "@/batch/kept-calls.js";
import { CallRecords } from "@/langgraph/call-records.js";
import type { OpenCheckpoint } from "@/langgraph/pending-writes.js";
import { FakeClock, settle } from "../support/fake-clock.js";
import { callOf } from "../support/messages.js";
import { silenceWarnings } from "../support/silence-warnings.js";

const warn = silenceWarnings();
const config = { configurable: { checkpoint_ns: "tools:1" } };
const answer = new ToolMessage({ content: "done", tool_call_id: "1" });

function keptIn(
  records: CallRecords,
  message: readonly ToolCall[],
  facts: { readonly messageId?: string; readonly round?: number } = {},
) {
  const { messageId = "m", round = 0 } = facts;
  return new KeptCalls({
    records,
    durability: new Durability(new FakeClock()),
    config,
    batch: { message, messageId },
    round,
  });
}

const PAY = callOf("call_0", "pay", { to: "bob", n: 1 });

describe("a call is known", () => {
  test.each([
    ["in its place", [PAY], {}, true],
    ["behind others", [callOf("x", "ask"), PAY], {}, true],
    [
      "whatever the order of its keys",
      [callOf("call_0", "pay", { n: 1, to: "bob" })],
      {},
      true,
    ],
    ["not under another id", [{ ...PAY, id: "call_1" }], {}, false],
    ["not by another tool", [{ ...PAY, name: "refund" }], {}, false],
    [
      "not with other arguments",
      [{ ...PAY, args: { n: 2, to: "bob" } }],
      {},
      false,
    ],
    ["not in another message", [PAY], { messageId: "other" }, false],
    ["not in another batch of the task", [PAY], { round: 1 }, false],
  ])("%s", async (_, message, facts, isKnown) => {
    const records = new CallRecords(undefined);
    await keptIn(records, [PAY]).keep(0, answer);
    const kept = keptIn(records, message, facts);
    const found = message.some((_, index) => kept.recordAt(index));
    expect(found).toBe(isKnown);
  });

  test("among its equals by their number", async () => {
    const records = new CallRecords(undefined);
    const message = [PAY, PAY, PAY];
    await keptIn(records, message).keep(1, answer);
    const kept = keptIn(records, message);
    const known = message.map((_, index) => kept.recordAt(index)?.answer);
    expect(known).toEqual([undefined, answer, undefined]);
  });

  test("each time that it comes again", async () => {
    const records = new CallRecords(undefined);
    const first = new Map<string, number>();
    await keptIn(records, [PAY]).alone(PAY, "task", first).keep(0, answer);
    const kept = keptIn(records, [PAY]);
    const counts = new Map<string, number>();
    expect(kept.alone(PAY, "task", counts).recordAt(0)?.answer).toBe(answer);
    expect(kept.alone(PAY, "task", counts).recordAt(0)).toBeUndefined();
    expect(kept.recordAt(0)).toBeUndefined();
  });
});

describe("a checkpointer", () => {
  const checkpoint = (put: OpenCheckpoint["put"]) =>
    ({ put }) as OpenCheckpoint;

  test("that is slow is waited for, and warned of once", async () => {
    const clock = new FakeClock();
    const durability = new Durability(clock);
    const slow = checkpoint(() => clock.sleep(3_000));
    const records = new CallRecords(slow);
    for (const call of ["1", "2"]) {
      let isKept = false;
      void durability.put(records, [call], { answer }).then(() => {
        isKept = true;
      });
      await clock.advance(2_999);
      expect(isKept).toBe(false);
      await clock.advance(1);
      await settle();
      expect(isKept).toBe(true);
    }
    expect(warn.mock.calls).toEqual([
      [expect.stringContaining("more than 1 s to keep the answer of a call")],
    ]);
    expect(clock.pending).toBe(0);
  });

  test("that fails is warned of, and the call has its answer", async () => {
    const clock = new FakeClock();
    const durability = new Durability(clock);
    const records = new CallRecords(
      checkpoint(() => Promise.reject(new Error("away"))),
    );
    await durability.put(records, ["1"], { answer });
    expect(records.get(["1"])?.answer).toBe(answer);
    expect(warn.mock.calls).toEqual([
      [
        expect.stringContaining(
          "could not keep the answer of a call: Error: away.",
        ),
      ],
    ]);
    expect(clock.pending).toBe(0);
  });
});
