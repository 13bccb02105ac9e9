import {
  ParallelToolNode,
  planBatch,
  type ProgressEvent,
} from "parallel-tools-node";
import { describe, expect, it } from "vitest";
import { identify } from "@/report/batch-identity.js";
import { ProgressStream } from "@/report/progress-stream.js";
import { reportToHtml } from "parallel-tools-node/report";
import { FakeClock } from "../support/fake-clock.js";
import { answerLines, ask, callOf } from "../support/messages.js";
import { recordBatch, type Step } from "../support/record-batch.js";
import { Stage } from "../support/stage.js";

const EARLY = 20;

/** The call at `slowest` takes longest of those that the last two wait for. */
const stepsOf = (slowest: number): Step[] => [
  ...Array.from({ length: EARLY }, (_, i) => ({
    name: "early",
    ms: i === slowest ? 50 : 10,
  })),
  { name: "late", ms: 5 },
  { name: "late", ms: 7 },
];

describe("the report of calls that wait for many by one edge", () => {
  it("names the one that ended last", async () => {
    const report = await recordBatch(stepsOf(3), new FakeClock());
    expect(report.calls[20]?.waits).toEqual([
      { for: "dependency", index: 3, startMs: 0, ms: 50 },
    ]);
    expect(report).toMatchObject({
      criticalPath: [3, 21],
      durationMs: 57,
      longestPathMs: 57,
      lowerBound: { ms: 57, by: "path" },
    });
  });

  it("names one that has not ended, if the batch is aborted before", async () => {
    const options = { abortAtMs: 30 };
    const report = await recordBatch(stepsOf(3), new FakeClock(), options);
    expect(report.calls.slice(20).map(({ waits }) => waits)).toEqual([
      [{ for: "dependency", index: 3, startMs: 0, ms: 30 }],
      [{ for: "dependency", index: 3, startMs: 0, ms: 30 }],
    ]);
  });

  it("says in HTML how many they are", async () => {
    const report = await recordBatch(stepsOf(3), new FakeClock());
    expect(reportToHtml(report)).toContain("</a> and 19 other calls: after ");
  });
});

it("an event says of which calls one waits, also of many", () => {
  const events: ProgressEvent[] = [];
  const plan = planBatch(
    stepsOf(0).map(({ name }) => ({ name, args: {} })),
    { policies: { late: { after: ["early"] } } },
  );
  void new ProgressStream(plan, 0, identify(undefined), (event) =>
    events.push(event),
  );
  const waiting = events.filter(({ event }) => event === "call_waiting");
  const all = Array.from({ length: EARLY }, (_, i) => i);
  expect(waiting).toMatchObject([
    { index: 20, calls: all },
    { index: 21, calls: all },
  ]);
});

it("a node skips calls after many of which one has failed, and names it", async () => {
  const stage = new Stage();
  const node = new ParallelToolNode(stage.tools("early", "late"), {
    policies: { late: { after: ["early"] } },
  });
  const calls = stepsOf(0).map(({ name }, i) => callOf(`${i}`, name));
  for (let i = 0; i < EARLY; i += 1) {
    if (i === 7) await stage.fail(`${i}`);
    else await stage.finish(`${i}`);
  }
  const lines = answerLines(await node.invoke([ask(...calls)]));
  for (const line of lines.slice(EARLY)) {
    expect(line).toContain("depends on call 8 (early), which failed");
  }
});
