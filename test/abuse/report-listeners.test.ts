import { type BatchReport, ParallelToolNode } from "parallel-tools-node";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { deferred } from "@/answers/not-run.js";
import { settle } from "../support/fake-clock.js";
import { answerLines, ask, callOf } from "../support/messages.js";
import { Stage } from "../support/stage.js";

const input = [ask(callOf("a", "t"), callOf("b", "replan"), callOf("c", "t"))];
const answered = [
  "a ok: a result",
  "b ok: b result",
  `c error: ${deferred({ ordinal: 2, name: "replan" })}`,
];

async function run(onReport: (report: BatchReport) => unknown) {
  const stage = new Stage();
  const node = new ParallelToolNode(stage.tools("t", "replan"), {
    policies: { replan: { sequential: "replan" } },
    onReport,
  });
  for (const id of ["a", "b"]) await stage.finish(id);
  const answers = answerLines(await node.invoke(input));
  await settle();
  return answers;
}

describe("a listener", () => {
  const warn = vi.spyOn(console, "warn");
  beforeEach(() => {
    warn.mockReset().mockReturnValue();
  });
  afterEach(() => {
    warn.mockReset();
  });

  it("that throws is a warning, and the batch is answered", async () => {
    const error = new Error("no disk");
    const answers = await run(() => {
      throw error;
    });
    expect(answers).toEqual(answered);
    expect(warn.mock.calls).toEqual([
      ["parallel-tools-node: `onReport` failed.", error],
    ]);
  });

  it("that rejects is a warning, and nobody waits for it", async () => {
    const error = new Error("no network");
    const answers = await run(() => Promise.reject(error));
    expect(answers).toEqual(answered);
    expect(warn.mock.calls).toEqual([
      ["parallel-tools-node: `onReport` failed.", error],
    ]);
  });

  it("that never ends does not hold the batch up", async () => {
    const answers = await run(() => new Promise(() => {}));
    expect(answers).toEqual(answered);
    expect(warn).not.toHaveBeenCalled();
  });

  it("that returns a bad thenable is a warning", async () => {
    const error = new Error("bad thenable");
    const bad = {};
    // oxlint-disable-next-line no-thenable -- what is tested
    Object.defineProperty(bad, "then", {
      get() {
        throw error;
      },
    });
    expect(await run(() => bad)).toEqual(answered);
    expect(warn.mock.calls).toEqual([
      ["parallel-tools-node: `onReport` failed.", error],
    ]);
  });

  it("that changes its report changes no answer", async () => {
    const answers = await run((report) => {
      for (const call of report.calls as unknown as Record<string, unknown>[]) {
        Object.assign(call, { id: "?", name: "?", outcome: "?", ordinal: -1 });
      }
      (report.calls as unknown[]).length = 0;
    });
    expect(answers).toEqual(answered);
  });
});
