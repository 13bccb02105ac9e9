import type { AIMessage } from "@langchain/core/messages";
import type { ToolCall } from "@langchain/core/messages/tool";
import {
  getConfig,
  type LangGraphRunnableConfig,
  task,
} from "@langchain/langgraph";
import { ToolCallFailedError } from "../errors/tool-call-failed-error.js";
import type { BatchHost } from "./batch-host.js";
import { BatchRun } from "./batch-run.js";
import { DropWarning } from "./drop-warning.js";
import { withOwnResume } from "./own-resume.js";
import { type Batch, lastMessageIn, readSiblings } from "./read-batch.js";
import { reviveAnswer } from "./revive-answer.js";
import type { Answer } from "./run-tool.js";
import type { SentCall } from "./sent-call.js";
import { Siblings } from "./siblings.js";
import { StopWatch } from "./stop-watch.js";

/** Where a call has come from. */
export interface Origin {
  /** Of the graph, with its `messages`. */
  readonly state: unknown;
  /** Of the task in which it has come. */
  readonly config: LangGraphRunnableConfig;
  /** Each call is a task of the graph; else all of the message are in one. */
  readonly areTasks: boolean;
}

/** Calls of one task that have been made tasks of their own below it. */
interface DurableOrigin extends Origin {
  readonly isDurable?: boolean;
}

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
  readonly #drops = new DropWarning();
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
    const { config, areTasks } = origin;
    const own = areTasks ? withOwnResume(call, config) : call;
    return this.#answer(own, config, origin);
  }

  /** @param config of the call's own task */
  #answer(
    call: SentCall,
    config: LangGraphRunnableConfig,
    origin: DurableOrigin,
  ): Promise<Answer> {
    const { state } = origin;
    const message = this.#isSibling(call.toolCall)
      ? lastMessageIn(state)
      : undefined;
    if (message === undefined) return this.#runAlone(call, origin.config);
    const siblings = this.#meet(message, origin);
    return (
      siblings?.answer(call, config) ??
      this.#runAlone(call, origin.config, {
        ...readSiblings(message, state, this.#isSibling),
        ...(siblings && { answered: siblings.answered() }),
      })
    );
  }

  /**
   * As `answer`, for calls that are in one task: each is made a task of its own
   * below that, so that its answer is kept with the checkpoint.
   */
  async answerDurably(call: SentCall, origin: Origin): Promise<Answer> {
    const { toolCall } = call;
    const durable = { ...origin, isDurable: true };
    let hasCome = false;
    const runTask = task(toolCall.name, (): Promise<Answer> => {
      hasCome = true;
      const own = getConfig() ?? origin.config;
      // What is kept is the answer itself: what is thrown here runs again.
      const unfinished: SentCall = {
        toolCall,
        run: (...args) => call.run(...args),
        answerToError: (error) => call.answerToError?.(error),
        stopSignal: () => call.stopSignal?.(),
        ...(call.stop && { stop: (reason: unknown) => call.stop!(reason) }),
      };
      return this.#answer(withOwnResume(unfinished, own), own, durable);
    });
    const answer = reviveAnswer(await runTask());
    const message = lastMessageIn(origin.state);
    if (!hasCome && message !== undefined && this.#isSibling(toolCall)) {
      this.#meet(message, durable)?.endedBefore(toolCall, answer);
    }
    try {
      return call.finish?.(answer) ?? answer;
    } catch (error) {
      // What the model is told of ends nothing. All else may end this task, and
      // with it those below that still run.
      if (!ToolCallFailedError.isInstance(error) && message !== undefined) {
        await this.#meet(message, durable)?.over;
      }
      throw error;
    }
  }

  /** `undefined` outside of a graph's run: nobody else will come. */
  #meet(message: AIMessage, origin: DurableOrigin): Siblings | undefined {
    const { signal, configurable } = origin.config;
    const task: unknown = configurable?.["__pregel_task_id"];
    if (signal === undefined || task === undefined) return undefined;
    const { byMessage, byText } = this.#placeOf(
      signal,
      origin.areTasks ? "tasks" : task,
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

  #create(message: AIMessage, origin: DurableOrigin): Siblings {
    const { config, areTasks, isDurable = false } = origin;
    return new Siblings({
      config,
      areTasks: areTasks || isDurable,
      isHeld: !areTasks,
      batch: readSiblings(message, origin.state, this.#isSibling),
      host: this.#host,
      areCapped: areTasks,
      drops: this.#drops,
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
    const stops = new StopWatch((reason) => alone.stop(reason));
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
      execute: (_, resolved, { signal }) => {
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
