import {
  type BatchPlan,
  type BatchReport,
  type BatchTracer,
  planBatch,
  write,
} from "parallel-tools-node";
import type { BatchIdentity } from "@/report/batch-identity.js";
import type { Limit } from "@/limits/limit.js";
import { measureShape, nodesOf } from "@/plan/plan-calls.js";
import { BatchRecorder } from "@/report/batch-recorder.js";
import { TracedRecorder } from "@/report/traced-recorder.js";
import { runSchedule } from "./run-schedule.js";
import type { FakeClock } from "./fake-clock.js";

/** A call of a batch on a fake clock. */
export interface Step {
  /** `write`s exclude each other, a `look` is a `"replan"`, `late` is after `early`. */
  readonly name: string;
  /** How long each of its attempts takes; all but the last are run again. */
  readonly ms: number | readonly number[];
  /** How long it rests between two attempts. */
  readonly restMs?: number;
  /** In place of what the name says. */
  readonly dependsOn?: readonly number[];
  readonly limits?: readonly Limit[];
  readonly cost?: number;
  readonly fails?: boolean;
  readonly args?: Record<string, unknown>;
}

const policies = {
  write: { access: [write("x")] },
  look: { sequential: "replan" as const },
  get: { readOnly: true },
  late: { after: ["early"] },
};

function planOf(steps: readonly Step[]): BatchPlan {
  const plan = planBatch(
    steps.map(({ name, args = {} }, i) => ({ name, args, id: `id${i}` })),
    { policies },
  );
  const calls = plan.calls.map((call, i) => ({
    ...call,
    dependsOn:
      steps[i]?.dependsOn?.map((index) => {
        return { index, reason: "after" as const, detail: "a" };
      }) ?? call.dependsOn,
  }));
  // Steps depend on earlier ones only.
  const inOrder = calls.map((_, position) => position);
  return { ...measureShape(calls, inOrder), calls };
}

interface RecordOptions {
  /** Default: the batch `"b1"`, inside of no call. */
  readonly identity?: Partial<BatchIdentity>;
  readonly abortAtMs?: number;
  readonly tracer?: BatchTracer;
  /** What a call does as it starts. */
  readonly onStart?: (position: number) => void;
}

/** Runs steps as a batch that began a second after the clock did. */
export async function recordBatch(
  steps: readonly Step[],
  clock: FakeClock,
  { abortAtMs, tracer, onStart, identity }: RecordOptions = {},
): Promise<BatchReport> {
  const plan = planOf(steps);
  await clock.advance(1_000);
  const named = { number: 1, id: "b1", inside: undefined, ...identity };
  const recorder = tracer
    ? new TracedRecorder({ plan, clock, identity: named }, tracer, {
        argsAt: (position) => steps[position]?.args ?? {},
        endOf: ({ status }) =>
          status === "error"
            ? { error: new RangeError("it broke") }
            : { output: () => ({ status }) },
      })
    : new BatchRecorder({ plan, clock, identity: named });
  const abort = new AbortController();
  if (abortAtMs !== undefined) {
    clock.schedule(() => abort.abort(), abortAtMs);
  }
  const attempts = steps.map(({ ms }) => [ms].flat());
  const nodes = nodesOf(plan.calls, (index) => index);
  const outcomes = runSchedule<boolean>({
    groups: nodes.groups,
    calls: plan.calls.map(({ sameAs, deferred }, i) => ({
      dependsOn: nodes.dependsOn[i] ?? [],
      sameAs,
      limits: steps[i]?.limits ?? [],
      cost: steps[i]?.cost ?? 1,
      ...(deferred && { preset: { status: "deferred" as const } }),
    })),
    execute: (i) =>
      recorder.start(i, async () => {
        onStart?.(i);
        await clock.sleep(attempts[i]?.shift() ?? 0);
        return steps[i]?.fails === true;
      }),
    judgeValue: (i, fails) => {
      const { restMs = 0 } = steps[i] as Step;
      if (attempts[i]?.length !== 0) {
        return { status: "again", delayMs: restMs };
      }
      return { status: fails ? "error" : "ok" };
    },
    judgeError: (_, error) => ({ status: "error", error }),
    share: (_, { status }) => ({ status }),
    clock,
    signal: abort.signal,
    observer: recorder,
  });
  await clock.drain();
  await outcomes;
  return recorder.report();
}
