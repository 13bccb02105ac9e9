import type { SharedLimits } from "../limits/shared-limits.js";
import type { ReferencesOption } from "../plan/references/read-references-option.js";
import type { PolicyOptions } from "../policy/policy-book.js";
import type { Resource } from "../policy/resource.js";
import type { BatchTracer } from "../report/batch-tracer.js";
import type { ReportListener } from "../report/notify.js";
import type { SequentialOption } from "./execution-mode.js";

/** What the node and the middleware have in common. */
export interface BatchOptions extends PolicyOptions {
  /**
   * Calls of the whole node that may run at once, over all batches. An integer
   * of at least 1. Where `config.maxConcurrency` is smaller, that holds for its
   * batch.
   *
   * @default no cap
   */
  maxConcurrency?: number;
  /**
   * Calls of one message that are run, those that were answered before
   * included. Each one beyond is answered with an error. An integer of at least
   * 1.
   *
   * @default no limit
   */
  maxCalls?: number;
  /**
   * Named things with limits that policies refer to. Nodes that are given the
   * same object share its limits.
   *
   * @default none
   */
  resources?: Record<string, Resource>;
  /**
   * Where the caps and rates of tools and resources are kept, for instance by
   * `redisLimits` of `parallel-tools-node/redis`, so that all processes of an
   * application keep to them together. The node's own `maxConcurrency` and
   * p-limit instances stay with the process.
   *
   * @default in this process, for this node
   */
  limits?: SharedLimits;
  /**
   * The longest, in milliseconds, that a server's feedback may pause a tool or
   * a resource, and hold up a call. A call that the server wants later than
   * that is answered with an error that says when. At least 0; `Infinity`: as
   * long as the server wants.
   *
   * @default 60_000
   */
  maxPauseMs?: number;
  /**
   * How long, in milliseconds, a call waits for a call of its message that has
   * to come before it and does not come to be run: another middleware answered
   * or dropped it. Counts only while nothing of the message runs, and only where
   * calls come one by one (`createAgent`, `Send`). After that the call is
   * answered without being run. A number of at least 0.
   *
   * @default 5_000
   */
  arrivalTimeoutMs?: number;
  /**
   * How long a batch may take, in milliseconds from when it comes. What has
   * finished by then is kept. Calls that run are aborted through their signal
   * and answered at once, whether or not they heed it; calls that wait are
   * answered, and nothing starts any more. With `handleToolErrors: false` a
   * {@link ToolTimeoutError} is thrown. At least 1; `Infinity`: no limit.
   *
   * @default no limit
   */
  batchTimeoutMs?: number;
  /**
   * For how long, in milliseconds, calls that still run are waited for when the
   * run is aborted or, with `handleToolErrors: false`, a call has thrown. After
   * that the node throws while they run on; their slots stay taken until they
   * end. At least 0; `Infinity`: until they end.
   *
   * @default until they end
   */
  drainMs?: number;
  /**
   * How much of a result reaches the model, in bytes of UTF-8. What is beyond is
   * cut, and a note in its place says how much and what to do. Artifacts and
   * Commands stay as they are, and references to the call see all of it. An
   * integer of at least 1.
   *
   * @default no limit
   */
  maxOutputBytes?: number;
  /**
   * Opts whole batches out of parallelism. `true`: one call at a time, in the
   * order of the message. `"replan"`: the first call only; the model sees its
   * result and asks again. A function decides per batch. An invocation
   * overrides it with `config.configurable.toolExecution`, which is
   * `"parallel"`, `"sequential"` or `"replan"`.
   *
   * @default false
   */
  sequential?: SequentialOption;
  /**
   * Lets a call's arguments refer to the output of an earlier call of the same
   * message, as in `"$1.items[0].id"`: the call waits for that one and gets the
   * value, its type kept. `withReferences` and `referenceInstructions` tell the
   * model. Off for tools with a policy of `references: false`.
   *
   * @default false
   */
  references?: boolean | ReferencesOption;
  /**
   * Each call is a task of LangGraph's: its answer is kept with the checkpoint
   * as soon as it has ended, and it is not run again when the run goes on after
   * an interrupt or a crash. One that depends on others starts when their answers
   * are kept. A call that was under way at a crash is run again; the id of the
   * call and of the thread are the same then. Set `durability: "sync"` when you
   * invoke the graph, so that the calls themselves are kept before they start.
   * Questions of several calls surface together: answer them by their ids. A plain
   * answer is for the first of them. A call that asks is run again from its start
   * when it is answered.
   *
   * Without a graph or a checkpointer there is a warning, and it counts as
   * `false`. Where the graph makes a task of each call anyway (`createAgent`,
   * `Send`), all but the waiting for dependencies is so without it.
   *
   * @default false
   */
  durable?: boolean;
  /**
   * Writes each step of a batch to the run's custom stream as it is taken
   * (`streamMode: "custom"`): a `ProgressEvent` when the batch is planned,
   * when a call has to wait and for what, when it starts and ends.
   *
   * @default false
   */
  streamProgress?: boolean;
  /**
   * Whether a report holds the arguments that the tools saw.
   *
   * @default false
   */
  reportArguments?: boolean;
  /**
   * Is given the report of each batch when it has ended. An exception in it is
   * a warning on the console.
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
