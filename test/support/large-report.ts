import type { BatchReport } from "parallel-tools-node";
import { createLimits } from "@/limits/create-limits.js";
import { FakeClock } from "./fake-clock.js";
import { recordBatch, type Step } from "./record-batch.js";

/**
 * A batch of `size` calls in groups: a search that has a rate, readers with a
 * cap that need it, and a summary of them.
 */
export function largeReport(size: number): Promise<BatchReport> {
  const clock = new FakeClock();
  const cap = createLimits("resource db", { concurrency: 6 }, clock);
  const rateLimit = {
    limit: 10,
    intervalMs: 1_000,
    algorithm: "token-bucket" as const,
    burst: 10,
    jitterMs: 0,
  };
  const rate = createLimits("resource serp", { rateLimit }, clock);
  const steps = Array.from({ length: size }, (_, i): Step => {
    const ms = 60 + ((i * 7919) % 240);
    const first = i - (i % 8);
    if (i === first) return { name: "search", ms, limits: rate };
    if (i % 8 < 7) {
      const fails = i % 97 === 0;
      return { name: "read_page", ms, limits: cap, dependsOn: [first], fails };
    }
    const pages = Array.from({ length: 6 }, (__, k) => first + 1 + k);
    return { name: "summarize", ms, dependsOn: pages };
  });
  return recordBatch(steps, clock);
}
