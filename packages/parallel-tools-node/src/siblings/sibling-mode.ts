import type { BatchHost } from "../batch/batch-host.js";

/**
 * How the calls of a message come, when they come one by one:
 *
 * - `"sent"`: the graph has made each call a task of a step.
 * - `"together"`: all calls are in one task. A call that throws ends that task.
 * - `"durable"`: as `"together"`, but each call is made a task below that one.
 * - `"durable node"`: as `"durable"`, but the node gathers the errors of calls.
 */
export type SiblingMode = "sent" | "together" | "durable" | "durable node";

interface ModeProperties {
  /** Each call is a task of its own. */
  readonly areTasks: boolean;
  /** All calls are in, or below, one task. */
  readonly areInOneTask: boolean;
}

export const SIBLING_MODES = {
  sent: { areTasks: true, areInOneTask: false },
  together: { areTasks: false, areInOneTask: true },
  durable: { areTasks: true, areInOneTask: true },
  "durable node": { areTasks: true, areInOneTask: true },
} satisfies Record<SiblingMode, ModeProperties>;

/** Whether the error of a call must wait until no call of the batch runs. */
export function holdsErrors(mode: SiblingMode, host: BatchHost): boolean {
  switch (mode) {
    case "sent":
      return false;
    case "together":
    case "durable":
      return true;
    case "durable node":
      // LangGraph ends all tasks of the step at the first error that one throws.
      return !host.handlesErrors();
  }
}
