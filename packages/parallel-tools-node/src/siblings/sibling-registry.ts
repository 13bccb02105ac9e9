import type { AIMessage } from "@langchain/core/messages";
import type { ToolCall } from "@langchain/core/messages/tool";
import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import type { BatchHost } from "../batch/batch-host.js";
import { BatchRun } from "../batch/batch-run.js";
import { type CallKeeper, KeptCalls } from "../batch/kept-calls.js";
import {
  asListed,
  type Batch,
  batchOf,
  lastMessageIn,
  readSiblings,
} from "../batch/read-batch.js";
import type { Answer } from "../batch/run-tool.js";
import { WarnOnce } from "../errors/warn-once.js";
import { callQuestions } from "../langgraph/call-questions.js";
import { CallRecords } from "../langgraph/call-records.js";
import { StepAnswers } from "../langgraph/step-answers.js";
import { isResumed, scratchpadOf, taskIdOf } from "../langgraph/task.js";
import { CallPositions } from "./call-positions.js";
import { asTask, type SentCall } from "./sent-call.js";
import { type SiblingMode, Siblings } from "./siblings.js";
import { StopWatch } from "./stop-watch.js";

/** Where a call comes from. */
export interface Origin {
  /** The state of the graph, with its `messages`. */
  readonly state: unknown;
  /** The config of the task in which the call comes. */
  readonly config: LangGraphRunnableConfig;
  readonly mode: SiblingMode;
  /** Answers are kept with the checkpoint. */
  readonly isDurable: boolean;
}

/** A key for all tasks of a step together, in place of the id of one task. */
const ALL_TASKS = Symbol("all tasks");

/** The batches in one task of a step, or in all its tasks together. */
interface TaskBatches {
  /** The usual case: tasks of one process share the message object. */
  readonly byMessage: Map<AIMessage, Siblings>;
  /** Tasks that were read from a checkpoint have a copy of the message each. */
  readonly byText: Map<string, Siblings>;
}

/**
 * Gathers the calls of one message that come one by one.
 *
 * LangGraph makes one abort signal for each step of a run and hands it to all tasks
 * of that step. So the batches of a step are kept in a weak map under its signal,
 * and are gone with it, however the step ends.
 */
export class SiblingRegistry {
  readonly #host: BatchHost;
  readonly #isSibling: (call: ToolCall) => boolean;
  readonly #warnings = new WarnOnce();
  readonly #steps = new WeakMap<AbortSignal, Map<unknown, TaskBatches>>();

  /** @param isSibling whether a `"sent"` call will come to this registry */
  constructor(
    host: BatchHost,
    isSibling: (call: ToolCall) => boolean = () => true,
  ) {
    this.#host = host;
    this.#isSibling = isSibling;
  }

  /**
   * Runs a call in the batch of its message, and returns its answer. A call that
   * comes for the second time, or that is in no message, is run alone.
   *
   * @throws what the call has to throw; ConfigurationError; what the checkpointer
   *   throws when it is asked for the answers that are kept
   */
  answer(call: SentCall, origin: Origin): Promise<Answer> {
    const { config, isDurable } = origin;
    const records =
      isDurable || isResumed(config)
        ? CallRecords.open(config, isDurable)
        : undefined;
    return records instanceof Promise
      ? records.then((read) => this.#ask(call, origin, read))
      : this.#ask(call, origin, records);
  }

  /** Gives a call that is `"sent"` the answers to the questions of its task. */
  #ask(
    call: SentCall,
    origin: Origin,
    records: CallRecords | undefined,
  ): Promise<Answer> {
    const { config, mode } = origin;
    // Calls of one task ask with scratchpads of their own: see `CallQuestions`.
    if (mode !== "sent" || scratchpadOf(config) === undefined) {
      return this.#answer(call, origin, records);
    }
    const answers = StepAnswers.of(config, this.#host.clock);
    if (answers === undefined) {
      return this.#answer(asTask(call, config, undefined), origin, records);
    }
    return answers.then((given) =>
      this.#answer(asTask(call, config, given.handTo(config)), origin, records),
    );
  }

  #answer(
    call: SentCall,
    origin: Origin,
    records: CallRecords | undefined,
  ): Promise<Answer> {
    const { config } = origin;
    const { toolCall } = call;
    const message = this.#comes(toolCall, origin)
      ? lastMessageIn(origin.state)
      : undefined;
    if (message === undefined) return this.#runAlone(call, config);
    const siblings = this.#siblingsIn(message, origin, records);
    const run = () =>
      siblings?.answer(call, config) ??
      siblings?.answerInState(toolCall) ??
      this.#runAlone(
        siblings?.repeated(call) ?? call,
        config,
        siblings?.batchAround() ?? this.#read(message, origin),
        siblings?.keptAlone(toolCall, config),
      );
    return siblings?.opened?.then(run) ?? run();
  }

  /** Whether a call of the message will come. */
  #comes(call: ToolCall, { mode }: Origin): boolean {
    return mode !== "sent" || this.#isSibling(call);
  }

  #read(message: AIMessage, origin: Origin): Batch {
    return readSiblings(message, origin.state, (call) =>
      this.#comes(call, origin),
    );
  }

  /** `undefined` outside of a graph's run: no other call will come. */
  #siblingsIn(
    message: AIMessage,
    origin: Origin,
    records: CallRecords | undefined,
  ): Siblings | undefined {
    const { signal } = origin.config;
    const task = taskIdOf(origin.config);
    if (signal === undefined || task === undefined) return undefined;
    const { byMessage, byText } = this.#batchesOf(
      signal,
      origin.mode === "sent" ? ALL_TASKS : task,
    );
    let siblings = byMessage.get(message);
    if (siblings !== undefined) return siblings;
    const text = JSON.stringify(
      message.tool_calls?.map(({ id, name }) => [id, name]),
    );
    siblings = byText.get(text) ?? this.#create(message, origin, records);
    byText.set(text, siblings);
    byMessage.set(message, siblings);
    return siblings;
  }

  #batchesOf(signal: AbortSignal, tasks: unknown): TaskBatches {
    let step = this.#steps.get(signal);
    if (step === undefined) {
      step = new Map();
      this.#steps.set(signal, step);
    }
    let batches = step.get(tasks);
    if (batches === undefined) {
      batches = { byMessage: new Map(), byText: new Map() };
      step.set(tasks, batches);
    }
    return batches;
  }

  #create(
    message: AIMessage,
    origin: Origin,
    records: CallRecords | undefined,
  ): Siblings {
    const { config, mode, isDurable } = origin;
    const batch = this.#read(message, origin);
    const durability = isDurable ? this.#host.durability : undefined;
    const kept =
      records &&
      new KeptCalls({
        records,
        durability,
        config,
        batch,
        areTasks: mode === "sent",
      });
    // Calls that are tasks have a scratchpad each; others must share one.
    const sharesScratchpad = mode !== "sent" && scratchpadOf(config);
    return new Siblings({
      batch,
      config,
      host: this.#host,
      mode,
      warnings: this.#warnings,
      questions: sharesScratchpad
        ? callQuestions(
            asListed(batch, batch.toolCalls),
            config,
            this.#host.clock,
            {
              asksTogether: mode === "durable",
            },
          )
        : undefined,
      kept,
    });
  }

  async #runAlone(
    call: SentCall,
    config: LangGraphRunnableConfig,
    batch?: Batch,
    kept?: CallKeeper,
  ): Promise<Answer> {
    const { toolCall } = call;
    const record = kept?.recordAt(0);
    if (record?.isThrown) call.failedBefore?.(record.answer);
    const places = new CallPositions(batch?.message ?? []);
    const index = places.withIdOf(toolCall).length
      ? (places.find(toolCall, () => true) ?? -1)
      : -1;
    let hasStarted = false;
    const stop = (reason: unknown) => alone.stop(reason);
    const stops = new StopWatch(this.#host.clock, stop);
    const alone = new BatchRun({
      batch: {
        ...(index < 0 || !batch ? batchOf([toolCall]) : batch),
        toolCalls: [toolCall],
        indexes: [Math.max(0, index)],
        places: undefined,
        seemAnswered: [],
      },
      config,
      host: this.#host,
      kept,
      othersRunOn: true,
      execute: (_, resolved, signal) => {
        hasStarted = true;
        return call.run(resolved, signal);
      },
      answerToError: (_, error) => call.answerToError?.(error),
      factsOf: (_, answer) => ({
        isThrown: call.hasFailed?.(answer) === true,
        asked: 0,
      }),
      stopSignal: () => call.stopSignal?.(),
    });
    try {
      const outcomes = alone.outcomes();
      if (!hasStarted) stops.onWait(call);
      const [outcome] = await outcomes;
      const answer = alone.answerTo(0, outcome!);
      return call.finish?.(answer) ?? answer;
    } catch (error) {
      if (hasStarted || !alone.isStopped || !call.stop) throw error;
      return await call.stop(error);
    } finally {
      stops.end();
      alone.close();
    }
  }
}
