/**
 * The marks by which one sees that an error came out of a graph or a model that
 * a tool has run, and not from the tool itself. Read in:
 *
 * - `@langchain/langgraph` 1.7.3, `pregel/retry`: each task that an error leaves
 *   writes its id on it, as `pregelTaskId`. A task's own id stands in its config
 *   as `configurable.__pregel_task_id`, and `configurable.checkpoint_ns` is that
 *   of the task around it, a `|`, and what tells it from others there.
 * - `@langchain/core` 1.4.0, `errors`: `lc_error_code`, which for a model is
 *   `MODEL_RATE_LIMIT` or another that begins so. `@langchain/openai` 1.5.8
 *   writes it on what its server's 429 becomes, as Anthropic's package does.
 *
 * A model of another package leaves nothing on what it throws. Only callbacks
 * would tell, and a handler of ours takes 9 microseconds of each call.
 */
import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import { namespaceOf, taskIdOf } from "./task.js";

interface MarkedError {
  readonly pregelTaskId?: unknown;
  readonly lc_error_code?: unknown;
}

/**
 * The namespace of the task in which a tool was first seen to throw an error
 * itself. An application may throw the same object again in another run, and
 * LangGraph doesn't take its mark back.
 */
const firstThrownIn = new WeakMap<object, string>();

/**
 * Whether an error, or the cause of one, came out of a graph or a model that the
 * call has run.
 *
 * @param tasks the configs of the tasks that the call is in, the widest first
 */
export function comesFromInside(
  error: unknown,
  tasks: readonly LangGraphRunnableConfig[],
): boolean {
  if (typeof error !== "object" || error === null) return false;
  const { pregelTaskId: id, lc_error_code: code } = error as MarkedError;
  if (typeof code === "string" && code.startsWith("MODEL_")) return true;
  const firstIn = firstThrownIn.get(error);
  if (id === undefined || tasks.some((task) => taskIdOf(task) === id)) {
    if (firstIn === undefined) {
      const [widest] = tasks;
      firstThrownIn.set(error, widest ? namespaceOf(widest) : "");
    }
    return false;
  }
  return (
    firstIn === undefined ||
    tasks.some((task) => isInside(firstIn, namespaceOf(task)))
  );
}

/** Whether LangChain has marked an error as the refusal of a model's server. */
export function isModelRateLimit(error: unknown): boolean {
  return (
    typeof error === "object" &&
    error !== null &&
    (error as MarkedError).lc_error_code === "MODEL_RATE_LIMIT"
  );
}

function isInside(namespace: string, outer: string): boolean {
  return outer === "" ? namespace !== "" : namespace.startsWith(`${outer}|`);
}
