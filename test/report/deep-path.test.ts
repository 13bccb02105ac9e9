import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { deepPathOf } from "@/report/deep-path.js";
import { treesOf } from "@/report/report-tree.js";
import { nestedReports, sampleTree } from "../support/nested-report.js";

type Reports = Parameters<typeof treesOf>[0];

/** `"plan ask running 0-10"` */
function pathLines(reports: Reports): string[] {
  return treesOf(reports).flatMap((root) =>
    deepPathOf(root).steps.map(({ node, call, segment }) => {
      const { kind, startMs, endMs } = segment;
      return `${node.report.batchId} ${call.name} ${kind} ${startMs}-${endMs}`;
    }),
  );
}

describe("the critical path of a tree", () => {
  it("goes down into the batches that ran inside of its calls", async () => {
    expect(pathLines(await sampleTree())).toEqual([
      "plan ask running 0-5",
      "review scan running 5-25",
      "check check running 25-65",
      "check fix running 65-135",
      "review ask running 135-145",
      "plan ask running 145-160",
      "plan sum_up running 160-200",
    ]);
  });

  it("takes of batches at once the one that ended last, and of each no more than its time", async () => {
    const reports = await nestedReports([
      { id: "p", steps: [{ name: "ask", ms: 100 }] },
      { id: "a", beganMs: 5, inside: ["p", 0], steps: [{ name: "t", ms: 50 }] },
      {
        id: "b",
        beganMs: 20,
        inside: ["p", 0],
        steps: [{ name: "u", ms: 60 }],
      },
      {
        id: "c",
        beganMs: 30,
        inside: ["p", 0],
        steps: [{ name: "v", ms: 10 }],
      },
    ]);
    expect(pathLines(reports)).toEqual([
      "p ask running 0-5",
      "a t running 5-20",
      "b u running 20-80",
      "p ask running 80-100",
    ]);
  });

  it("tells the attempts of a call apart, each with what ran inside of it", async () => {
    const reports = await nestedReports([
      { id: "p", steps: [{ name: "ask", ms: [20, 30], restMs: 10 }] },
      { id: "a", beganMs: 5, inside: ["p", 0], steps: [{ name: "t", ms: 15 }] },
      {
        id: "b",
        beganMs: 30,
        inside: ["p", 0],
        steps: [{ name: "u", ms: 30 }],
      },
    ]);
    expect(pathLines(reports)).toEqual([
      "p ask failed 0-5",
      "a t running 5-20",
      "p ask retry 20-30",
      "b u running 30-60",
    ]);
  });

  it("counts what a call waited to go on as time for a cap", async () => {
    const reports = await nestedReports([
      { id: "p", steps: [{ name: "ask", ms: 100 }] },
      {
        id: "a",
        beganMs: 10,
        inside: ["p", 0],
        steps: [{ name: "t", ms: 50 }],
      },
    ]);
    const waited = reports.map((one) =>
      one.batchId === "a" ? { ...one, resumeMs: 25 } : one,
    );
    expect(pathLines(waited)).toEqual([
      "p ask running 0-10",
      "a t running 10-60",
      "p ask concurrency 60-85",
      "p ask running 85-100",
    ]);
  });

  it("holds a call all of whose time is explained by others", async () => {
    const [root] = treesOf(
      await nestedReports([
        {
          id: "p",
          steps: [
            { name: "x", ms: 5 },
            { name: "ask", ms: 30 },
          ],
        },
        { id: "a", inside: ["p", 0], steps: [{ name: "s", ms: 5 }] },
        {
          id: "b",
          inside: ["p", 1],
          steps: [
            { name: "t", ms: 9 },
            { name: "u", ms: 30 },
          ],
        },
      ]),
    );
    const { critical } = deepPathOf(root!);
    expect(
      [...critical].map(([{ report }, indexes]) => [
        report.batchId,
        ...indexes,
      ]),
    ).toEqual([
      ["p", 1],
      ["b", 1],
    ]);
  });

  const span = fc.record({
    beganMs: fc.nat({ max: 60 }),
    ms: fc.nat({ max: 60 }),
    inside: fc.nat(),
  });
  test.prop([fc.array(span, { minLength: 1, maxLength: 12 })])(
    "fills all of the time, wherever batches lie",
    async (spans) => {
      const reports = await nestedReports(
        spans.map(({ beganMs, ms, inside }, i) => ({
          id: `${i}`,
          ...(i > 0 && { beganMs, inside: [`${inside % i}`, 0] as const }),
          steps: [{ name: "t", ms }],
        })),
      );
      const [root] = treesOf(reports);
      const { steps } = deepPathOf(root!);
      let atMs = 0;
      for (const { segment } of steps) {
        expect(segment.startMs).toBe(atMs);
        expect(segment.endMs).toBeGreaterThan(atMs);
        atMs = segment.endMs;
      }
      expect(atMs).toBe(root!.report.durationMs);
    },
  );
});
