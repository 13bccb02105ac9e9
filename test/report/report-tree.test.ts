import type { BatchReport } from "parallel-tools-node";
import { describe, expect, it } from "vitest";
import { type ReportNode, treesOf } from "@/report/report-tree.js";
import { nestedReports, sampleTree } from "../support/nested-report.js";

/** `"plan at 0 [0: search at 10, read at 70]"` */
function lineOf({ report, fromMs, inside }: ReportNode): string {
  const calls = [...inside].map(
    ([index, nodes]) => `${index}: ${nodes.map(lineOf).join(", ")}`,
  );
  const below = calls.length === 0 ? "" : ` [${calls.join("; ")}]`;
  return `${report.batchId} at ${fromMs}${below}`;
}

const TREE =
  "plan at 0 [0: search at 10, read at 70; 1: review at 5 [1: check at 25]]";

describe("reports that belong together", () => {
  it("are a tree, in whatever order they come", async () => {
    const reports = await sampleTree();
    expect(treesOf(reports).map(lineOf)).toEqual([TREE]);
    expect(treesOf(reports.toReversed()).map(lineOf)).toEqual([
      "plan at 0 [1: review at 5 [1: check at 25]; 0: search at 10, read at 70]",
    ]);
  });

  it("have times that count from where the outermost batch began", async () => {
    const [root] = treesOf(await sampleTree());
    const read = root?.inside.get(0)?.[1];
    expect(read?.calls).toMatchObject([
      { startMs: 70, endMs: 90, runs: [{ startMs: 70, endMs: 90 }] },
    ]);
    const check = root?.inside.get(1)?.[0]?.inside.get(1)?.[0];
    expect(check?.calls[1]).toMatchObject({
      waits: [{ for: "dependency", index: 0, startMs: 25, ms: 40 }],
      startMs: 65,
      endMs: 135,
    });
  });

  it("are several trees, where the batch around is not among them", async () => {
    const reports = await sampleTree();
    const without = reports.filter(({ batchId }) => batchId !== "plan");
    expect(treesOf(without).map(lineOf)).toEqual([
      "search at 0",
      "read at 0",
      "review at 0 [1: check at 20]",
    ]);
  });

  it("begin no earlier than the call inside which they ran", async () => {
    const reports = await nestedReports([
      {
        id: "a",
        steps: [
          { name: "t", ms: 5 },
          { name: "u", ms: 9, dependsOn: [0] },
        ],
      },
      { id: "b", beganMs: 4, inside: ["a", 1], steps: [{ name: "v", ms: 3 }] },
    ]);
    expect(treesOf(reports).map(lineOf)).toEqual(["a at 0 [1: b at 5]"]);
  });

  it("stand for themselves in a cycle, and below a call that isn't there", async () => {
    const reports = await nestedReports([
      { id: "a", inside: ["b", 0], steps: [{ name: "t", ms: 1 }] },
      { id: "b", inside: ["a", 0], steps: [{ name: "t", ms: 1 }] },
      { id: "c", inside: ["c", 0], steps: [{ name: "t", ms: 1 }] },
      { id: "d", inside: ["a", 7], steps: [{ name: "t", ms: 1 }] },
    ]);
    const ids = treesOf(reports).map(({ report }) => report.batchId);
    expect(ids).toEqual(["a", "b", "c", "d"]);
  });

  it("are as many as were given, also when one is given twice or very deep", async () => {
    const [report] = (await sampleTree()).slice(-1) as [BatchReport];
    expect(treesOf([report, report]).map(({ place }) => place)).toEqual([0, 1]);
    const deep = Array.from({ length: 5_000 }, (_, i): BatchReport => {
      const inside = { batchId: `${i - 1}`, index: 0, id: "x", name: "ask" };
      return { ...report, batchId: `${i}`, ...(i > 0 && { inside }) };
    });
    const count = (node: ReportNode): number =>
      [...node.inside.values()]
        .flat()
        .reduce((sum, one) => sum + count(one), 1);
    const trees = treesOf(deep);
    expect(trees.reduce((sum, one) => sum + count(one), 0)).toBe(5_000);
  });
});
