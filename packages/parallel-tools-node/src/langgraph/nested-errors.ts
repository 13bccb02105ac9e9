/**
 * The host's secrets: the marks on an error that came from a graph or a model
 * inside a tool, and not from the tool itself.
 *
 * - Each task that an error leaves sets its id as `pregelTaskId`. Read in
 *   LangGraph 1.7.0, 1.7.1 and 1.7.3 (`pregel/retry`).
 * - An error of a model has an `lc_error_code` that begins with `MODEL_`. It is
 *   `MODEL_RATE_LIMIT` for a 429. Read in @langchain/core 1.4.0 (`errors`) and
 *   @langchain/openai 1.5.8 (`utils/client`).
 *
 * Models of some other packages don't mark their errors. Only callbacks would
 * find those, and a callback handler costs 9 microseconds per call.
 */
import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import { namespaceOf, taskIdOf } from "./task.js";

interface MarkedError {
  readonly pregelTaskId?: unknown;
  readonly lc_error_code?: unknown;
}

/**
 * The namespace of the task in which a tool itself first threw an error. An
 * application may throw the same object again in another run, and then it still
 * has the mark of the first run.
 */
const firstThrownIn = new WeakMap<object, string>();

/**
 * Whether an error, or the cause of one, came from a graph or a model that the
 * call ran.
 *
 * @param tasks the configs of the tasks around the call, the outermost first
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
      const [outermost] = tasks;
      firstThrownIn.set(error, outermost ? namespaceOf(outermost) : "");
    }
    return false;
  }
  return (
    firstIn === undefined ||
    tasks.some((task) => isInside(firstIn, namespaceOf(task)))
  );
}

/** Whether LangChain has marked an error as a 429 from a model's server. */
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
