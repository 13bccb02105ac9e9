import type { BatchReport, CallPlace } from "parallel-tools-node";
import { FakeClock } from "./fake-clock.js";
import { recordBatch, type Step } from "./record-batch.js";

/** A batch, and when it began. */
interface NestedBatch {
  readonly id: string;
  /** Milliseconds since the first batch began. */
  readonly beganMs?: number;
  /** The batch and the index of the call inside which it ran. */
  readonly inside?: readonly [batchId: string, index: number];
  readonly steps: readonly Step[];
}

/** Reports of batches that ran inside of one another, in the given order. */
export async function nestedReports(
  batches: readonly NestedBatch[],
): Promise<BatchReport[]> {
  const reports: BatchReport[] = [];
  for (const { id, beganMs = 0, inside, steps } of batches) {
    const identity = { id, inside: inside && placeOf(batches, ...inside) };
    const report = await recordBatch(steps, new FakeClock(), { identity });
    reports.push({ ...report, beganAt: report.beganAt + beganMs });
  }
  return reports;
}

function placeOf(
  batches: readonly NestedBatch[],
  batchId: string,
  index: number,
): CallPlace {
  const name = batches.find(({ id }) => id === batchId)?.steps[index]?.name;
  return { batchId, index, id: `id${index}`, name: name ?? "unknown" };
}

/**
 * A planner asks two agents. The first searches twice at once, then reads; the
 * second calls an agent of its own. They end before the planner's last call.
 */
export function sampleTree(): Promise<BatchReport[]> {
  return nestedReports([
    {
      id: "search",
      beganMs: 10,
      inside: ["plan", 0],
      steps: [
        { name: "search", ms: 30 },
        { name: "search", ms: 50 },
      ],
    },
    {
      id: "read",
      beganMs: 70,
      inside: ["plan", 0],
      steps: [{ name: "read", ms: 20 }],
    },
    {
      id: "check",
      beganMs: 25,
      inside: ["review", 1],
      steps: [
        { name: "check", ms: 40 },
        { name: "fix", ms: 70, dependsOn: [0] },
      ],
    },
    {
      id: "review",
      beganMs: 5,
      inside: ["plan", 1],
      steps: [
        { name: "scan", ms: 20 },
        { name: "ask", ms: 120, dependsOn: [0] },
      ],
    },
    {
      id: "plan",
      steps: [
        { name: "ask", ms: 100 },
        { name: "ask", ms: 160 },
        { name: "sum_up", ms: 40, dependsOn: [0, 1] },
      ],
    },
  ]);
}
