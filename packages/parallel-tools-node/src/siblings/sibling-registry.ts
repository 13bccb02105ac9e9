import type { AIMessage } from "@langchain/core/messages";
import type { ToolCall } from "@langchain/core/messages/tool";
import {
  getConfig,
  GraphInterrupt,
  type LangGraphRunnableConfig,
} from "@langchain/langgraph";
import type { BatchHost } from "../batch/batch-host.js";
import { BatchRun } from "../batch/batch-run.js";
import {
  type Batch,
  lastMessageIn,
  readSiblings,
} from "../batch/read-batch.js";
import type { Answer } from "../batch/run-tool.js";
import { ToolCallFailedError } from "../errors/tool-call-failed-error.js";
import { WarnOnce } from "../errors/warn-once.js";
import { callQuestions } from "../langgraph/call-questions.js";
import { numberedTask, reviveResult } from "../langgraph/durable-task.js";
import { StepAnswers } from "../langgraph/step-answers.js";
import { scratchpadOf, taskIdOf } from "../langgraph/task.js";
import { asTask, runBy, type SentCall } from "./sent-call.js";
import { SIBLING_MODES, type SiblingMode } from "./siblings.js";
import { Siblings } from "./siblings.js";
import { StopWatch } from "./stop-watch.js";

/** Where a call comes from. */
export interface Origin {
  /** The state of the graph, with its `messages`. */
  readonly state: unknown;
  /** The config of the task in which the call comes. */
  readonly config: LangGraphRunnableConfig;
  readonly mode: SiblingMode;
}

/** A key for all tasks of a step together, in place of the id of one task. */
const ALL_TASKS = Symbol("all tasks");

/** The result of a call's task. `failed`: the call threw, and this is its answer. */
type KeptAnswer = Answer | { readonly failed: Answer };

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

  /** @param isSibling whether a call of a message will come to this registry */
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
   * @throws what the call has to throw; ConfigurationError
   */
  answer(call: SentCall, origin: Origin): Promise<Answer> {
    const { config, mode } = origin;
    // Questions to a human need a scratchpad.
    if (mode !== "sent" || scratchpadOf(config) === undefined) {
      return this.#answer(call, config, origin);
    }
    const answers = StepAnswers.of(config, this.#host.clock);
    if (answers === undefined) {
      return this.#answer(asTask(call, config, undefined), config, origin);
    }
    return answers.then((given) =>
      this.#answer(asTask(call, config, given.handTo(config)), config, origin),
    );
  }

  /**
   * @param config of the call's own task
   * @param isRepeated the call is known to have come before
   */
  #answer(
    call: SentCall,
    config: LangGraphRunnableConfig,
    origin: Origin,
    isRepeated = false,
  ): Promise<Answer> {
    const { state } = origin;
    const message = this.#isSibling(call.toolCall)
      ? lastMessageIn(state)
      : undefined;
    if (message === undefined) return this.#runAlone(call, origin.config);
    const siblings = this.#siblingsIn(message, origin);
    const run = () => {
      const answer = isRepeated ? undefined : siblings?.answer(call, config);
      return (
        answer ??
        this.#runAlone(siblings?.repeated(call) ?? call, origin.config, {
          ...readSiblings(message, state, this.#isSibling),
          ...(siblings && { answered: siblings.answered() }),
        })
      );
    };
    return siblings?.opened?.then(run) ?? run();
  }

  /**
   * As `answer`, for calls that are in one task. Each call is made a task of its
   * own below that one, so that its answer is kept with the checkpoint. The task
   * around the calls throws their errors, and the questions of all calls at once.
   */
  async answerDurably(call: SentCall, origin: Origin): Promise<Answer> {
    const { toolCall } = call;
    const answers = await StepAnswers.of(origin.config, this.#host.clock);
    answers?.handTo(origin.config);
    const siblings = this.#siblingsOf(toolCall, origin);
    let hasRun = false;
    let thrown: { readonly error: unknown } | undefined;
    const arrival = siblings?.noteArrival(toolCall);
    const run = async (): Promise<KeptAnswer> => {
      hasRun = true;
      const taskConfig = getConfig() ?? origin.config;
      // `finish` may throw, and a task that throws runs again: it comes later.
      const unfinished: SentCall = {
        ...runBy(call, (...args) => call.run(...args)),
        finish: (answer) => answer,
      };
      const parentTask = taskIdOf(origin.config);
      const earlier = arrival?.answers;
      try {
        const configurable = answers?.handTo(taskConfig, parentTask, earlier);
        if (arrival) {
          arrival.answers = [...(scratchpadOf(taskConfig)?.resume ?? [])];
        }
        const task = asTask(unfinished, taskConfig, configurable);
        const isRepeated = arrival?.isFirst === false;
        const answer = await this.#answer(task, taskConfig, origin, isRepeated);
        return call.hasFailed?.(answer) ? { failed: answer } : answer;
      } catch (error) {
        await answers?.keep(taskConfig, error);
        thrown = { error };
        throw new GraphInterrupt([]);
      }
    };
    try {
      const kept = await numberedTask(
        origin.config,
        toolCall.name,
        arrival?.number ?? 0,
        run,
      );
      const answer = reviveResult("failed" in kept ? kept.failed : kept);
      if (!hasRun) {
        siblings?.endedBefore(toolCall, answer);
        if ("failed" in kept) call.failedBefore?.(answer);
      }
      return call.finish?.(answer) ?? answer;
    } catch (error) {
      if (thrown === undefined) {
        // An error may end this task, and with it the tasks below that still run.
        // A ToolCallFailedError doesn't: it becomes a message for the model.
        if (!ToolCallFailedError.isInstance(error)) await siblings?.over;
        throw error;
      }
      // A repeated call isn't in the batch, so it throws its own questions.
      const isOfBatch = siblings?.hasThrown(thrown.error) === true;
      throw isOfBatch ? siblings.questions() : thrown.error;
    }
  }

  #siblingsOf(toolCall: ToolCall, origin: Origin): Siblings | undefined {
    if (!this.#isSibling(toolCall)) return undefined;
    const message = lastMessageIn(origin.state);
    return message && this.#siblingsIn(message, origin);
  }

  /** `undefined` outside of a graph's run: no other call will come. */
  #siblingsIn(message: AIMessage, origin: Origin): Siblings | undefined {
    const { signal } = origin.config;
    const task = taskIdOf(origin.config);
    if (signal === undefined || task === undefined) return undefined;
    const { areInOneTask } = SIBLING_MODES[origin.mode];
    const { byMessage, byText } = this.#batchesOf(
      signal,
      areInOneTask ? task : ALL_TASKS,
    );
    let siblings = byMessage.get(message);
    if (siblings !== undefined) return siblings;
    const text = JSON.stringify(
      message.tool_calls?.map(({ id, name }) => [id, name]),
    );
    siblings = byText.get(text) ?? this.#create(message, origin);
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

  #create(message: AIMessage, origin: Origin): Siblings {
    const { config, mode } = origin;
    const batch = readSiblings(message, origin.state, this.#isSibling);
    // Calls that are tasks have a scratchpad each; others must share one.
    const sharesScratchpad =
      !SIBLING_MODES[mode].areTasks && scratchpadOf(config) !== undefined;
    return new Siblings({
      batch,
      config,
      host: this.#host,
      mode,
      warnings: this.#warnings,
      questions: sharesScratchpad
        ? callQuestions(batch.toolCalls, config, this.#host.clock)
        : undefined,
    });
  }

  async #runAlone(
    call: SentCall,
    config: LangGraphRunnableConfig,
    batch?: Batch,
  ): Promise<Answer> {
    const { toolCall } = call;
    const index =
      batch?.message.findIndex(({ id }) => id === toolCall.id) ?? -1;
    let hasStarted = false;
    const stop = (reason: unknown) => alone.stop(reason);
    const stops = new StopWatch(this.#host.clock, stop);
    const alone = new BatchRun({
      batch: {
        toolCalls: [toolCall],
        indexes: [Math.max(0, index)],
        message: index < 0 ? [toolCall] : (batch?.message ?? []),
        unreadable: index < 0 ? 0 : (batch?.unreadable ?? 0),
        answered: batch?.answered ?? new Map(),
        state: batch?.state,
        isArray: false,
      },
      config,
      host: this.#host,
      areTasks: true,
      execute: (_, resolved, signal) => {
        hasStarted = true;
        return call.run(resolved, signal);
      },
      answerToError: (_, error) => call.answerToError?.(error),
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
