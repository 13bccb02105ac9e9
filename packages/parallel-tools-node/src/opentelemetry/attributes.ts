import type { Attributes } from "@opentelemetry/api";
import type { BatchKind } from "../report/batch-identity.js";
import type { BatchReport, CallReport, Wait } from "../report/batch-report.js";
import type { TracedCall } from "../report/batch-tracer.js";
import { sumWaits } from "../report/sum-waits.js";
import { MOST_NAME, printable } from "../report/words/printable.js";
import { WAIT_REASONS } from "../report/words/wait-words.js";

/** Each counts the calls of a batch that ended in this way. */
const OUTCOME_ATTRIBUTES = {
  ok: "parallel_tools.batch.ok",
  error: "parallel_tools.batch.error",
  skipped: "parallel_tools.batch.skipped",
  deferred: "parallel_tools.batch.deferred",
  refused: "parallel_tools.batch.refused",
  interrupted: "parallel_tools.batch.interrupted",
  aborted: "parallel_tools.batch.aborted",
} satisfies Record<CallReport["outcome"], string>;

/**
 * The attributes that are known when a call starts: those that the semantic
 * conventions for generative AI require or recommend ("Execute tool span"), and
 * our own.
 */
export function startAttributes(
  call: TracedCall,
  kind: BatchKind | undefined,
): Attributes {
  return {
    // The span of a request to a model is not the one of these conventions, which the
    // model's client makes.
    ...(kind !== "model" && {
      "gen_ai.operation.name": "execute_tool",
      "gen_ai.tool.type": "function",
    }),
    ...callAttributes(call, kind),
    ...(call.dependsOn.length > 0 && {
      "parallel_tools.call.depends_on": call.dependsOn.map(
        ({ index }) => index + 1,
      ),
    }),
  };
}

export function endAttributes(report: CallReport): Attributes {
  return {
    "parallel_tools.call.outcome": report.outcome,
    "parallel_tools.call.attempts": report.attempts,
    ...waitedAttributes("parallel_tools.call", sumWaits([report])),
  };
}

/** Says which call an event of the batch is about. */
export function callAttributes(
  call: CallReport | TracedCall,
  kind: BatchKind | undefined,
): Attributes {
  const name = printable(call.name, MOST_NAME);
  if (kind === "model") return { "gen_ai.request.model": name };
  return {
    "gen_ai.tool.name": name,
    ...idAttribute(call),
    "parallel_tools.call.ordinal": call.ordinal,
  };
}

export function waitAttributes(wait: Wait): Attributes {
  return {
    "parallel_tools.wait.for": wait.for,
    "parallel_tools.wait.duration_ms": wait.ms,
    ...(wait.for === "dependency"
      ? { "parallel_tools.wait.call": wait.index + 1 }
      : { "parallel_tools.wait.limit": printable(wait.limit, MOST_NAME) }),
  };
}

export function batchAttributes(report: BatchReport): Attributes {
  const { calls, shape, depth, sumMs, longestPathMs, lowerBound } = report;
  const { resumeMs, writtenMs, discarded } = report;
  const outcomes: Record<string, number> = {};
  for (const { outcome } of calls) {
    const key = OUTCOME_ATTRIBUTES[outcome];
    outcomes[key] = (outcomes[key] ?? 0) + 1;
  }
  return {
    "parallel_tools.batch.calls": calls.length,
    "parallel_tools.batch.shape": shape,
    "parallel_tools.batch.depth": depth,
    "parallel_tools.batch.sum_ms": sumMs,
    "parallel_tools.batch.longest_path_ms": longestPathMs,
    "parallel_tools.batch.lower_bound_ms": lowerBound.ms,
    ...(lowerBound.ratio !== undefined && {
      "parallel_tools.batch.lower_bound_ratio": lowerBound.ratio,
    }),
    ...(resumeMs !== undefined && {
      "parallel_tools.batch.resume_ms": resumeMs,
    }),
    ...(writtenMs !== undefined && {
      "parallel_tools.batch.written_ms": writtenMs,
    }),
    ...(discarded !== undefined && {
      "parallel_tools.batch.discarded": discarded.length,
    }),
    ...outcomes,
    ...waitedAttributes("parallel_tools.batch", report.waitedMs),
  };
}

function idAttribute({ id }: { readonly id: string | undefined }): Attributes {
  return id === undefined
    ? {}
    : { "gen_ai.tool.call.id": printable(id, MOST_NAME) };
}

/** An attribute for each reason that calls have waited for. */
function waitedAttributes(
  prefix: string,
  waited: BatchReport["waitedMs"],
): Attributes {
  return Object.fromEntries(
    WAIT_REASONS.filter((reason) => waited[reason] > 0).map((reason) => [
      `${prefix}.waited_ms.${reason}`,
      waited[reason],
    ]),
  );
}
