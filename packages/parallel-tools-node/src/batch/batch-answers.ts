import { Command, GraphInterrupt, isCommand, Send } from "@langchain/langgraph";
import type { BatchPlan, PlannedCall } from "../plan/batch-plan.js";
import type { Outcome } from "../schedule/outcome.js";
import type { InsideRules } from "../scope/call-scope.js";
import type { BatchHost } from "./batch-host.js";
import type { BatchSignal } from "./batch-signal.js";
import type { CallBinder } from "./call-binder.js";
import type { CallExecutor } from "./call-executor.js";
import { allQuestions, firstControlFlow, isInterrupt } from "./control-flow.js";
import { cutOutput } from "./cut-output.js";
import {
  answerWithoutRun,
  asUnrun,
  withValidReferences,
} from "./failure-answers.js";
import type { Answer } from "./run-tool.js";

interface BatchAnswersOptions {
  readonly plan: BatchPlan;
  readonly host: BatchHost;
  readonly executor: CallExecutor;
  readonly signal: BatchSignal;
  readonly binder: CallBinder;
  readonly rules: Pick<InsideRules, "depth" | "maxDepth">;
  /** Each call's questions have ids of their own, so all are asked at once. */
  readonly asksTogether: boolean;
  /** The position in the batch of the call with this index in the message. */
  readonly positionOf: (index: number) => number;
}

/** Turns the outcomes of a batch into answers or into the error to throw. */
export class BatchAnswers {
  readonly #options: BatchAnswersOptions;

  constructor(options: BatchAnswersOptions) {
    this.#options = options;
  }

  /**
   * All answers in order; throws if the batch has to throw.
   *
   * @param bindError takes precedence over everything that calls threw
   */
  all(
    outcomes: readonly Outcome<Answer>[],
    bindError: { readonly error: unknown } | undefined,
  ): Answer[] {
    const failed = bindError ?? outcomes.find((outcome) => "error" in outcome);
    if (failed !== undefined) throw failed.error;
    if (this.#options.executor.thrown.size > 0) throw this.#controlFlow();
    return outcomes.map((outcome, position) => {
      const answer = this.of(position, outcome);
      if (outcome.status !== "error") return answer;
      return withValidReferences(answer, (index) => {
        const target = outcomes[this.#options.positionOf(index)];
        return target === undefined || target.status === "ok";
      });
    });
  }

  /**
   * The answer to one call, cut to `maxOutputBytes`; throws if the call has to
   * throw. References don't come through here, so they see the whole answer.
   */
  of(position: number, outcome: Outcome<Answer>): Answer {
    const { host, executor } = this.#options;
    if ("value" in outcome) {
      const { maxOutputBytes } = host;
      return maxOutputBytes === undefined
        ? outcome.value
        : cutOutput(outcome.value, maxOutputBytes);
    }
    if ("error" in outcome) throw outcome.error;
    // A call that only waited for an interrupted call has no question to ask.
    if (outcome.status === "interrupted") {
      throw executor.thrown.get(position) ?? new GraphInterrupt([]);
    }
    return this.#withoutRun(position, outcome);
  }

  /** The signal of LangGraph that the batch has to throw. */
  #controlFlow(): unknown {
    const { executor, asksTogether } = this.#options;
    const questions = asksTogether ? this.questions() : undefined;
    return questions?.interrupts.length
      ? questions
      : firstControlFlow(inCallOrder(executor.thrown));
  }

  /** The questions of all calls as one interrupt, in the order of the calls. */
  questions(): GraphInterrupt {
    return allQuestions(
      inCallOrder(this.#options.executor.thrown).filter(isInterrupt),
    );
  }

  #withoutRun(position: number, outcome: Outcome<Answer>): Answer {
    const { plan, host, signal, binder, rules, positionOf } = this.#options;
    const { calls } = plan;
    const { ordinal, name, dependsOn } = calls[position] as PlannedCall;
    const first = dependsOn[0];
    const call = asUnrun(binder.toolCall(position), host.tools());
    const answer = answerWithoutRun(call, outcome, {
      ordinal,
      name,
      maxCalls: host.maxCalls,
      rules,
      failed: calls[outcome.failed ?? -1],
      replan: first && calls[positionOf(first.index)],
    });
    if (answer === undefined) throw signal.failure;
    return answer;
  }
}

function inCallOrder(thrown: ReadonlyMap<number, unknown>): unknown[] {
  return [...thrown].toSorted(([a], [b]) => a - b).map(([, signal]) => signal);
}

/**
 * The state update for the answers of a batch, in their order. Without
 * Commands: the messages. With some: a list of updates, in which the Commands
 * that only send to the parent graph become one.
 */
export function combineAnswers(
  answers: readonly Answer[],
  isArray: boolean,
): unknown {
  if (!answers.some((answer) => isCommand(answer))) {
    return isArray ? answers : { messages: answers };
  }
  const updates: unknown[] = [];
  let toParent: Command | undefined;
  for (const answer of answers) {
    if (!isCommand(answer)) {
      updates.push(isArray ? [answer] : { messages: [answer] });
    } else if (!sendsToParent(answer)) {
      updates.push(answer);
    } else if (toParent === undefined) {
      toParent = new Command({
        graph: Command.PARENT,
        goto: [...(answer.goto as Send[])],
      });
    } else {
      (toParent.goto as Send[]).push(...(answer.goto as Send[]));
    }
  }
  if (toParent !== undefined) updates.push(toParent);
  return updates;
}

function sendsToParent(command: Command): boolean {
  return (
    command.graph === Command.PARENT &&
    Array.isArray(command.goto) &&
    command.goto.every((target) => target instanceof Send)
  );
}
