import type { ToolCall } from "@langchain/core/messages/tool";
import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import { asAttempt } from "./as-attempt.js";
import { CallScratchpads, hasAsked } from "./call-scratchpads.js";
import type { Timers } from "./plain-answer.js";
import { StepAnswers } from "./step-answers.js";
import type { Configurable } from "./task.js";

/** Runs an attempt of a call, with another configurable than its task's if given. */
type Run<Result> = (configurable: Configurable | undefined) => Promise<Result>;

/** What the calls of one task ask a human, and what they are answered. */
export interface CallQuestions {
  /** What was answered is known then; `undefined`: nothing was. */
  readonly opened?: Promise<unknown>;
  /** Each attempt asks only what those before it did not. */
  attempt<Result>(position: number, run: Run<Result>): Promise<Result>;
  /** To be called before the task is left with a question. */
  keep(): Promise<void>;
}

/**
 * Several calls have scratchpads of their own; one alone has that of its task.
 *
 * @param toolCalls all calls of the task
 * @param config of the task, which has a scratchpad
 * @param round the number of the batch in the task
 */
export function callQuestions(
  toolCalls: readonly ToolCall[],
  config: LangGraphRunnableConfig,
  timers: Timers,
  round = 0,
): CallQuestions {
  const answers = StepAnswers.of(config, timers);
  const isOne = toolCalls.length <= 1;
  if (answers === undefined) {
    return isOne
      ? questionsOfOne(config, undefined)
      : questionsOfSeveral(CallScratchpads.open(config, toolCalls, round));
  }
  const opened = answers.then(async (given) =>
    isOne
      ? questionsOfOne(config, given.handTo(config))
      : questionsOfSeveral(
          await CallScratchpads.reopen(config, toolCalls, round, given),
        ),
  );
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
  const call = {}; // The same call, run again elsewhere, asks again.
  return {
    attempt: (_, run) => asAttempt(config, call, () => run(configurable)),
    keep: () => Promise.resolve(),
  };
}

function questionsOfSeveral(scratchpads: CallScratchpads): CallQuestions {
  return {
    attempt: async (position, run) => {
      const attempt = scratchpads.begin(position);
      try {
        return await run(attempt.configurable);
      } catch (error) {
        throw hasAsked(error) ? scratchpads.named(position, error) : error;
      } finally {
        attempt.end();
      }
    },
    keep: () => scratchpads.keep(),
  };
}
