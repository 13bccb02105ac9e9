import fc from "fast-check";
import type { LimitOptions } from "@/limits/create-limits.js";

/** A generated call; its limits are indexes into the batch's limits. */
export interface GeneratedCall {
  readonly durationMs: number;
  readonly dependsOn: readonly number[];
  readonly limits: readonly number[];
  readonly cost: number;
  readonly ends: "ok" | "error";
}

export interface GeneratedBatch {
  readonly limits: readonly (LimitOptions & { readonly isPLimit?: boolean })[];
  readonly calls: readonly GeneratedCall[];
}

const cap = fc.integer({ min: 1, max: 4 }).map((concurrency) => ({
  concurrency,
}));

/** The application's own p-limit: a cap with another implementation. */
const ownCap = fc
  .integer({ min: 1, max: 3 })
  .map((concurrency) => ({ concurrency, isPLimit: true }));

const rate = fc
  .record({
    limit: fc.integer({ min: 2, max: 5 }),
    intervalMs: fc.integer({ min: 5, max: 60 }),
    algorithm: fc.constantFrom("sliding-window", "token-bucket"),
    burst: fc.integer({ min: 2, max: 5 }),
    counts: fc.constantFrom("calls", "cost", undefined),
  })
  .map(({ counts, ...options }) => ({
    ...options,
    ...(counts && { counts }),
    jitterMs: 0,
    burst: options.algorithm === "token-bucket" ? options.burst : options.limit,
  }));

/** One or several rates that a call takes together. */
const rates = fc.oneof(
  rate.map((rateLimit) => ({ rateLimit })),
  fc
    .array(rate, { minLength: 2, maxLength: 3 })
    .map((rateLimit) => ({ rateLimit })),
);

/** Up to three limits, up to `size` calls, costs that every limit can give. */
export function arbitraryBatch(size: number): fc.Arbitrary<GeneratedBatch> {
  return fc
    .array(fc.oneof(cap, ownCap, rates), { maxLength: 3 })
    .chain((limits) =>
      fc.record({
        limits: fc.constant(limits),
        calls: fc
          .array(arbitraryCall(limits.length), {
            minLength: 1,
            maxLength: size,
          })
          .map((calls) =>
            calls.map((call, i) => ({
              ...call,
              dependsOn: [
                ...new Set(
                  call.dependsOn.filter(() => i > 0).map((d) => d % i),
                ),
              ],
            })),
          ),
      }),
    );
}

function arbitraryCall(limits: number): fc.Arbitrary<GeneratedCall> {
  return fc.record({
    durationMs: fc.integer({ min: 0, max: 40 }),
    dependsOn: fc.array(fc.nat({ max: 1_000 }), { maxLength: 3 }),
    limits: fc.subarray(Array.from({ length: limits }, (_, i) => i)),
    cost: fc.integer({ min: 1, max: 2 }),
    ends: fc.constantFrom("ok", "ok", "ok", "ok", "error"),
  });
}
