import type { AIMessage } from "@langchain/core/messages";
import type { ToolCall } from "@langchain/core/messages/tool";
import {
  getConfig,
  GraphInterrupt,
  type LangGraphRunnableConfig,
} from "@langchain/langgraph";
import { ToolCallFailedError } from "../errors/tool-call-failed-error.js";
import { WarnOnce } from "../errors/warn-once.js";
import { callQuestions } from "../langgraph/call-questions.js";
import { numberedTask, reviveResult } from "../langgraph/durable-task.js";
import { StepAnswers } from "../langgraph/step-answers.js";
import { scratchpadOf, taskIdOf } from "../langgraph/task.js";
import type { BatchHost } from "../batch/batch-host.js";
import { BatchRun } from "../batch/batch-run.js";
import {
  type Batch,
  lastMessageIn,
  readSiblings,
} from "../batch/read-batch.js";
import type { Answer } from "../batch/run-tool.js";
import { asTask, runBy, type SentCall } from "./sent-call.js";
import { type SiblingMode, Siblings } from "./siblings.js";
import { StopWatch } from "./stop-watch.js";

/** Where a call has come from. */
export interface Origin {
  /** Of the graph, with its `messages`. */
  readonly state: unknown;
  /** Of the task in which it has come. */
  readonly config: LangGraphRunnableConfig;
  readonly mode: SiblingMode;
}

/** Stands for all tasks of a step, in place of one task's id. */
const SENT = Symbol("sent");

/** What is kept of a call: its answer; of one that threw, as such. */
type KeptAnswer = Answer | { readonly failed: Answer };

/** The batches of one step whose calls are, or are in, the same task or tasks. */
interface Place {
  /** Tasks of one process mostly share the message, too. */
  readonly byMessage: Map<AIMessage, Siblings>;
  /** Those that were read from a checkpoint have a copy each. */
  readonly byText: Map<string, Siblings>;
}

/**
 * Where the calls of one message meet that come one by one.
 *
 * LangGraph makes one abort signal for each step of each run of each graph and
 * hands it to all tasks of that step. So what hangs on the signal is of this
 * step, and is gone with it, however it ends.
 */
export class SiblingRegistry {
  readonly #host: BatchHost;
  readonly #isSibling: (call: ToolCall) => boolean;
  readonly #warnings = new WarnOnce();
  readonly #steps = new WeakMap<AbortSignal, Map<unknown, Place>>();

  /** @param isSibling whether a call of a message is one that comes here */
  constructor(
    host: BatchHost,
    isSibling: (call: ToolCall) => boolean = () => true,
  ) {
    this.#host = host;
    this.#isSibling = isSibling;
  }

  /**
   * The answer to a call, run when it is its turn among its siblings. One that
   * comes again, or is in no message, is run by itself.
   *
   * @throws what the call has to throw; ConfigurationError
   */
  answer(call: SentCall, origin: Origin): Promise<Answer> {
    const { config, mode } = origin;
    // Without a scratchpad nobody can be asked.
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
   * @param isAgain it is known to have come before
   */
  #answer(
    call: SentCall,
    config: LangGraphRunnableConfig,
    origin: Origin,
    isAgain = false,
  ): Promise<Answer> {
    const { state } = origin;
    const message = this.#isSibling(call.toolCall)
      ? lastMessageIn(state)
      : undefined;
    if (message === undefined) return this.#runAlone(call, origin.config);
    const siblings = this.#meet(message, origin);
    const run = () => {
      const first = isAgain ? undefined : siblings?.answer(call, config);
      return (
        first ??
        this.#runAlone(siblings?.again(call) ?? call, origin.config, {
          ...readSiblings(message, state, this.#isSibling),
          ...(siblings && { answered: siblings.answered() }),
        })
      );
    };
    return siblings?.opened?.then(run) ?? run();
  }

  /**
   * As `answer`, for calls that are in one task: each is made a task of its own
   * below that, so that its answer is kept with the checkpoint. What it throws is
   * thrown by the task that they are in: the questions of all of them at once.
   */
  async answerDurably(call: SentCall, origin: Origin): Promise<Answer> {
    const { toolCall } = call;
    const answers = await StepAnswers.of(origin.config, this.#host.clock);
    answers?.handTo(origin.config);
    const siblings = this.#siblingsOf(toolCall, origin);
    let hasCome = false;
    let thrown: { readonly error: unknown } | undefined;
    const arrival = siblings?.noteArrival(toolCall);
    const run = async (): Promise<KeptAnswer> => {
      hasCome = true;
      const own = getConfig() ?? origin.config;
      // What is kept is the answer itself: what is thrown here runs again.
      const unfinished: SentCall = {
        ...runBy(call, (...args) => call.run(...args)),
        finish: (answer) => answer,
      };
      const asker = taskIdOf(origin.config);
      try {
        const configurable = answers?.handTo(own, asker, arrival?.answers);
        if (arrival) arrival.answers = [...(scratchpadOf(own)?.resume ?? [])];
        const asked = asTask(unfinished, own, configurable);
        const isAgain = arrival?.isFirst === false;
        const answer = await this.#answer(asked, own, origin, isAgain);
        return call.hasFailed?.(answer) ? { failed: answer } : answer;
      } catch (error) {
        await answers?.keep(own, error);
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
      if (!hasCome) {
        siblings?.endedBefore(toolCall, answer);
        if ("failed" in kept) call.failedBefore?.(answer);
      }
      return call.finish?.(answer) ?? answer;
    } catch (error) {
      if (thrown === undefined) {
        // What the model is told of ends nothing. All else may end this task, and
        // with it those below that still run.
        if (!ToolCallFailedError.isInstance(error)) await siblings?.over;
        throw error;
      }
      // One that has come again is none of the batch, and asks for itself.
      const isOfBatch = siblings?.hasThrown(thrown.error) === true;
      throw isOfBatch ? siblings.questions() : thrown.error;
    }
  }

  #siblingsOf(toolCall: ToolCall, origin: Origin): Siblings | undefined {
    if (!this.#isSibling(toolCall)) return undefined;
    const message = lastMessageIn(origin.state);
    return message && this.#meet(message, origin);
  }

  /** `undefined` outside of a graph's run: nobody else will come. */
  #meet(message: AIMessage, origin: Origin): Siblings | undefined {
    const { signal } = origin.config;
    const task = taskIdOf(origin.config);
    if (signal === undefined || task === undefined) return undefined;
    const { byMessage, byText } = this.#placeOf(
      signal,
      origin.mode === "sent" ? SENT : task,
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

  #placeOf(signal: AbortSignal, tasks: unknown): Place {
    let step = this.#steps.get(signal);
    if (step === undefined) {
      step = new Map();
      this.#steps.set(signal, step);
    }
    let place = step.get(tasks);
    if (place === undefined) {
      place = { byMessage: new Map(), byText: new Map() };
      step.set(tasks, place);
    }
    return place;
  }

  #create(message: AIMessage, origin: Origin): Siblings {
    const { config, mode } = origin;
    const batch = readSiblings(message, origin.state, this.#isSibling);
    const canAsk = mode === "together" && scratchpadOf(config) !== undefined;
    return new Siblings({
      batch,
      config,
      host: this.#host,
      mode,
      warnings: this.#warnings,
      questions: canAsk
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
    const place =
      batch?.message.findIndex(({ id }) => id === toolCall.id) ?? -1;
    let hasStarted = false;
    const stop = (reason: unknown) => alone.stop(reason);
    const stops = new StopWatch(this.#host.clock, stop);
    const alone = new BatchRun({
      batch: {
        toolCalls: [toolCall],
        indexes: [Math.max(0, place)],
        message: place < 0 ? [toolCall] : (batch?.message ?? []),
        unreadable: place < 0 ? 0 : (batch?.unreadable ?? 0),
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
