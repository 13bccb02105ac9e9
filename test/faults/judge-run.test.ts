import { describe, expect, test } from "vitest";
import { judgeRun } from "./support/judge-run.js";
import { PROMISED } from "./support/promised.js";
import type { LedgerEvent } from "./support/protocol.js";
import { scenarioOf } from "./support/scenario.js";

describe("the judge of a run with a fault", () => {
  const scenario = scenarioOf("ParallelToolNode");
  const messages = scenario.ids.map((id) => `tool ${id} success: ok`);
  const calm = ["1", "2", "3", "4", "5", "6", "7", "8"].flatMap(
    (call): LedgerEvent[] =>
      (["start", "end", "saved"] as const).map((kind) => ({
        thread: "t",
        kind,
        call,
      })),
  );
  const judge = (events: readonly LedgerEvent[], said = messages) =>
    judgeRun(scenario, { events, messages: said, hasStruck: true }, messages);
  const event = (kind: LedgerEvent["kind"], call?: string): LedgerEvent => ({
    thread: "t",
    kind,
    ...(call !== undefined && { call }),
  });
  const nothing = { ...PROMISED, cutAgain: 0, effectAgain: 0 };

  test("finds nothing in a run in which nothing went wrong", () => {
    expect(judge(calm)).toEqual(nothing);
  });

  test("sees a call that never took effect, and one without an answer", () => {
    const cut = calm.filter((one) => one.call !== "4" || one.kind !== "end");
    // Call 6 waits for an end of call 4 that never came.
    expect(judge(cut)).toEqual({ ...nothing, lost: 1, wrongOrders: 1 });
    expect(judge(calm, messages.slice(1))).toEqual({
      ...nothing,
      lost: 1,
      otherMessages: 1,
    });
  });

  test("tells a finished call that runs again from one that was under way", () => {
    const again = [event("drive"), event("start", "8"), event("end", "8")];
    expect(judge([...calm, ...again])).toEqual({
      ...nothing,
      finishedAgain: 1,
    });
    const unsaved = calm.slice(0, -1);
    expect(judge([...unsaved, ...again])).toEqual({
      ...nothing,
      cutAgain: 1,
      effectAgain: 1,
    });
    // Kept by an aborted run after the next one has read the thread.
    const [drive, ...rest] = again as [LedgerEvent, ...LedgerEvent[]];
    const late = [...unsaved, drive, event("saved", "8"), ...rest];
    expect(judge(late).finishedAgain).toBe(0);
    expect(judge([...unsaved, event("found", "8"), ...again])).toEqual({
      ...nothing,
      finishedAgain: 1,
    });
  });

  test("sees a call that starts before what it needs, or runs again behind it", () => {
    const swapped = [event("start", "2"), event("end", "2"), ...calm];
    expect(judge(swapped).wrongOrders).toBe(1);
    const behind = [...calm, event("drive"), event("start", "1")];
    expect(judge(behind).wrongOrders).toBe(1);
  });
});
