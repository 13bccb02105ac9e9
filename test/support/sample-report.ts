import type { BatchReport } from "parallel-tools-node";
import { createLimits } from "@/limits/create-limits.js";
import { FakeClock } from "./fake-clock.js";
import { recordBatch } from "./record-batch.js";

/**
 * A batch with all that can be drawn: every reason to wait but a pause, retries,
 * a failure and what it skips, a shared answer.
 */
export function sampleReport(): Promise<BatchReport> {
  const clock = new FakeClock();
  const cap = createLimits("resource db", { concurrency: 2 }, clock);
  const rateLimit = {
    limit: 2,
    intervalMs: 500,
    algorithm: "sliding-window" as const,
    burst: 2,
    jitterMs: 0,
  };
  const rate = createLimits("resource serp", { rateLimit }, clock);
  return recordBatch(
    [
      { name: "find_company", ms: 180 },
      { name: "get_person", ms: 210, dependsOn: [0], limits: cap },
      { name: "get_revenue", ms: 150, dependsOn: [0], limits: cap },
      { name: "count_patents", ms: 300, dependsOn: [0], limits: cap },
      { name: "search", ms: 240, limits: rate },
      { name: "search", ms: 220, limits: rate },
      { name: "search", ms: [40, 140], restMs: 100, limits: rate },
      { name: "get", ms: 90 },
      { name: "get", ms: 90 },
      { name: "send_mail", ms: 60, fails: true },
      { name: "log_mail", ms: 60, dependsOn: [9] },
      { name: "write_report", ms: 200, dependsOn: [1, 2, 3] },
    ],
    clock,
  );
}
