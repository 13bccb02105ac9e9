/**
 * Chooses how the calls of a task ask a human. This file holds no secret of the
 * host: it joins those of `as-attempt`, `call-scratchpads` and `step-answers`.
 */
import type { ToolCall } from "@langchain/core/messages/tool";
import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import { asAttempt } from "./as-attempt.js";
import { CallScratchpads, hasAsked } from "./call-scratchpads.js";
import { openCheckpoints } from "./pending-writes.js";
import { dropEarlierAnswers, type Timers } from "./plain-answer.js";
import { StepAnswers } from "./step-answers.js";
import { type Configurable, namespaceOf } from "./task.js";

/** Runs an attempt of a call. `undefined`: with the configurable of its task. */
type Run<Result> = (configurable: Configurable | undefined) => Promise<Result>;

/** The questions of the calls of one task, and the answers to them. */
export interface CallQuestions {
  /** Resolves when the answers are known. `undefined`: there are none. */
  readonly opened?: Promise<unknown>;
  /** Runs an attempt. It gets the answers that earlier attempts got. */
  attempt<Result>(position: number, run: Run<Result>): Promise<Result>;
  /** Must be called before the task ends with an open question. */
  keep(): Promise<void>;
}

/**
 * A single call uses the scratchpad of its task. Of several calls each has its
 * own.
 *
 * @param toolCalls all calls of the task
 * @param config of the task, which must have a scratchpad
 * @param options `round`: the number of the batch in the task. `asksTogether`:
 *   several questions may be open. A plain answer then goes to the first
 */
export function callQuestions(
  toolCalls: readonly ToolCall[],
  config: LangGraphRunnableConfig,
  timers: Timers,
  { round = 0, asksTogether = false } = {},
): CallQuestions {
  const answers = StepAnswers.of(config, timers);
  const isOne = toolCalls.length <= 1 && !asksTogether;
  if (answers === undefined) {
    return isOne
      ? questionsOfOne(config, undefined)
      : questionsOfSeveral(
          config,
          CallScratchpads.open(config, toolCalls, round),
        );
  }
  const opened = answers.then(async (given) => {
    // Several may be open, also where `durable` was turned off since. On a fork the
    // last question that is stored may be one of the other future.
    const isKnown = isOne || asksTogether || !given.isFork;
    const configurable = given.handTo(config, isKnown ? 1 : 0);
    if (isOne) return questionsOfOne(config, configurable);
    const task = { ...config, configurable };
    return questionsOfSeveral(
      task,
      await CallScratchpads.reopen(task, toolCalls, round, given),
    );
  });
  return {
    opened,
    attempt: (...call) =>
      opened.then((questions) => questions.attempt(...call)),
    keep: () => opened.then((questions) => questions.keep()),
  };
}

function questionsOfOne(
  config: LangGraphRunnableConfig,
  configurable: Configurable | undefined,
): CallQuestions {
  const call = {}; // Two batches of the same call don't share its answers.
  return {
    attempt: (_, run) =>
      asking(config, () => asAttempt(config, call, () => run(configurable))),
    keep: () => Promise.resolve(),
  };
}

function questionsOfSeveral(
  config: LangGraphRunnableConfig,
  scratchpads: CallScratchpads,
): CallQuestions {
  return {
    attempt: async (position, run) => {
      const attempt = scratchpads.begin(position);
      try {
        return await asking(config, () => run(attempt.configurable));
      } catch (error) {
        throw hasAsked(error) ? scratchpads.withOwnIds(position, error) : error;
      } finally {
        attempt.end();
      }
    },
    keep: () => scratchpads.keep(),
  };
}

/**
 * Runs an attempt that may ask. In a graph inside another one, an answer that the
 * human gave before isn't for its question.
 */
export function asking<Result>(
  config: LangGraphRunnableConfig,
  run: () => Promise<Result>,
): Promise<Result> {
  const result = run();
  if (!namespaceOf(config).includes("|")) return result;
  return result.catch(async (error: unknown) => {
    if (hasAsked(error)) await dropEarlierAnswers(openCheckpoints(config));
    throw error;
  });
}
