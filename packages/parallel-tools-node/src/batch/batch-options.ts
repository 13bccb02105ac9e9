import type { SharedLimits } from "../limits/shared-limits.js";
import type { ReferencesOption } from "../plan/references/read-references-option.js";
import type { PolicyOptions } from "../policy/policy-book.js";
import type { Resource } from "../policy/resource.js";
import type { BatchTracer } from "../report/batch-tracer.js";
import type { ReportListener } from "../report/notify.js";
import type { SequentialOption } from "./execution-mode.js";

/** The options that the node and the middleware share. */
export interface BatchOptions extends PolicyOptions {
  /**
   * Calls of the whole node that may run at once, over all batches. An integer
   * of at least 1. If `config.maxConcurrency` is smaller, that applies to its
   * batch.
   *
   * @default no cap
   */
  maxConcurrency?: number;
  /**
   * Calls of one message that are run at most. Calls that were answered before
   * count. Each call beyond is answered with an error. An integer of at least 1.
   *
   * @default no limit
   */
  maxCalls?: number;
  /**
   * How deep calls may be inside of one another, as where a tool runs an agent whose
   * tool runs an agent. 1: a call inside of another is not run, but `refused`: it is
   * answered with what the model can do instead. It holds for all that runs inside of
   * the node's calls, also in other nodes. Of several the lowest counts. An integer
   * of at least 1; `Infinity`: no limit.
   *
   * @default no limit
   */
  maxDepth?: number;
  /**
   * Named things with limits that policies refer to. Nodes that get the same
   * object share its limits.
   *
   * @default none
   */
  resources?: Record<string, Resource>;
  /**
   * Where the caps and rates of tools and resources are kept, for instance by
   * `redisLimits` of `parallel-tools-node/redis`. All processes of an application
   * then share them. The node's own `maxConcurrency` and p-limit instances stay
   * with the process.
   *
   * @default in this process, for this node
   */
  limits?: SharedLimits;
  /**
   * The longest time, in milliseconds, for which a server's feedback may pause a
   * tool or a resource and delay a call. A call that would have to wait longer is
   * answered with an error that says how long. At least 0; `Infinity`: as long as
   * the server wants.
   *
   * @default 60_000
   */
  maxPauseMs?: number;
  /**
   * How long, in milliseconds, a call waits for another call of its message that
   * it depends on and that never arrives, since another middleware answered or
   * dropped it. The time counts only while no call of the message runs, and only
   * where calls come one by one (`createAgent`, `Send`). After that the waiting
   * call is answered without being run. A number of at least 0.
   *
   * @default 5_000
   */
  arrivalTimeoutMs?: number;
  /**
   * How long a batch may take, in milliseconds from its start. Calls that have
   * finished by then keep their answers. Running calls are aborted through their
   * signal and answered at once, even if they go on. Waiting calls are answered
   * without being run. With `handleToolErrors: false` a {@link ToolTimeoutError}
   * is thrown. At least 1; `Infinity`: no limit.
   *
   * @default no limit
   */
  batchTimeoutMs?: number;
  /**
   * How long, in milliseconds, the node waits for running calls when the run is
   * aborted or, with `handleToolErrors: false`, a call has thrown. After that the
   * node throws while they go on. They count against their limits until they end.
   * At least 0; `Infinity`: until they end.
   *
   * @default until they end
   */
  drainMs?: number;
  /**
   * How much of a result reaches the model, in bytes of UTF-8. The rest is cut,
   * and a note in its place says how much was cut and what to do. Artifacts and
   * Commands stay as they are, and references to the call see the whole result.
   * An integer of at least 1.
   *
   * @default no limit
   */
  maxOutputBytes?: number;
  /**
   * Opts whole batches out of parallelism. `true`: one call at a time, in the
   * order of the message. `"replan"`: the first call only; the model sees its
   * result and asks again. A function decides per batch. An invocation
   * overrides the option with `config.configurable.toolExecution`, which is
   * `"parallel"`, `"sequential"` or `"replan"`.
   *
   * @default false
   */
  sequential?: SequentialOption;
  /**
   * Lets a call's arguments refer to the output of an earlier call of the same
   * message, as in `"$1.items[0].id"`. The call waits for the earlier one and
   * gets the value with its type. `withReferences` and `referenceInstructions`
   * tell the model. Off for tools with the policy `references: false`.
   *
   * @default false
   */
  references?: boolean | ReferencesOption;
  /**
   * Starts calls while the model is still writing its message: each as soon as it is
   * complete, under all of its limits. Only of tools whose policy, or `defaultPolicy`,
   * says `readOnly: true`: a call that was started early and doesn't come, or comes in
   * another form, has run for nothing. What comes of an early run is seen when the
   * message is there, and then in its place. It needs a model that streams, and is told
   * of it by `withEager`, in `createAgent` by `parallelToolsMiddleware` itself.
   *
   * @default false
   */
  eager?: boolean;
  /**
   * Keeps the answer of each call with the checkpoint as soon as the call has
   * ended. It is not run again when the run continues after an interrupt, a crash
   * or an edit of the state that leaves it as it was. A call that depends on others
   * starts when their answers are kept. A call that was running at a crash is run
   * again, with the same ids of the call and of the thread. Set `durability:
   * "sync"` when you invoke the graph, so that the calls themselves are kept before
   * they start.
   *
   * Questions of several calls surface together: answer them by their ids. Where
   * the calls are one task, a plain answer is for the first of them. When a question
   * is answered, its call is run again from the start.
   *
   * Without a graph or a checkpointer there is a warning, and the option counts
   * as `false`. If the checkpointer can't be read when a run resumes, the run
   * fails. If it can't keep a call's answer, there is a warning, and the run goes
   * on.
   *
   * @default false
   */
  durable?: boolean;
  /**
   * Writes each step of a batch to the run's custom stream (`streamMode:
   * "custom"`) as it happens: a `ProgressEvent` when the batch is planned, when a
   * call has to wait and for what, when it starts and when it ends.
   *
   * @default false
   */
  streamProgress?: boolean;
  /**
   * Adds the arguments that the tools saw to each report. Access keys that a
   * policy's function made of arguments are then in reports, progress events and
   * what a tracer is told of the plan; without it, they are `shared state` there.
   *
   * @default false
   */
  reportArguments?: boolean;
  /**
   * Is called with the report of each batch when it has ended. An exception in
   * it is a warning on the console.
   *
   * @default none
   */
  onReport?: ReportListener;
  /**
   * Follows batches and calls while they run, for instance
   * `openTelemetryTracer()` of `parallel-tools-node/opentelemetry`. An exception
   * in it is a warning on the console.
   *
   * @default none
   */
  tracer?: BatchTracer;
}
