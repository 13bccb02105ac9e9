import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import type { BatchPlan } from "../plan/batch-plan.js";
import { ProgressStream } from "../report/progress-stream.js";
import type { ScheduleObserver } from "../schedule/schedule-observer.js";
import type { BatchHost } from "./batch-host.js";
import { bothObservers } from "./both-observers.js";

/** All who watch a batch: its record, its custom stream, who waits for calls. */
export function batchObservers(
  plan: BatchPlan,
  { clock, streamsProgress }: BatchHost,
  { writer }: LangGraphRunnableConfig,
  ...others: readonly (ScheduleObserver | undefined)[]
): ScheduleObserver | undefined {
  const progress =
    streamsProgress && typeof writer === "function"
      ? new ProgressStream(plan, clock.now(), writer)
      : undefined;
  return [progress, ...others].reduce(bothObservers, undefined);
}
