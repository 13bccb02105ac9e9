import { Command, GraphInterrupt, isCommand, Send } from "@langchain/langgraph";
import type { BatchPlan, PlannedCall } from "../plan/batch-plan.js";
import type { Outcome } from "../schedule/outcome.js";
import type { BatchHost } from "./batch-host.js";
import type { BatchSignal } from "./batch-signal.js";
import type { CallBinder } from "./call-binder.js";
import type { CallExecutor } from "./call-executor.js";
import { allQuestions, firstControlFlow, isInterrupt } from "./control-flow.js";
import { cutOutput } from "./cut-output.js";
import { answerWithoutRun, asUnrun } from "./failure-answers.js";
import type { Answer } from "./run-tool.js";

interface BatchAnswersOptions {
  readonly plan: BatchPlan;
  readonly host: BatchHost;
  readonly executor: CallExecutor;
  readonly signal: BatchSignal;
  readonly binder: CallBinder;
  /** In the batch, of a call of the message. */
  readonly positionOf: (index: number) => number;
}

/** What the calls of a batch are answered, by how they have ended. */
export class BatchAnswers {
  readonly #about: BatchAnswersOptions;

  constructor(about: BatchAnswersOptions) {
    this.#about = about;
  }

  /**
   * The answers in order; throws what the batch has to throw.
   *
   * @param unbound what goes before all else that was thrown
   */
  all(
    outcomes: readonly Outcome<Answer>[],
    unbound: { readonly error: unknown } | undefined,
  ): Answer[] {
    const failed = unbound ?? outcomes.find((outcome) => "error" in outcome);
    if (failed !== undefined) throw failed.error;
    const { thrown } = this.#about.executor;
    if (thrown.size > 0) throw firstControlFlow(inOrder(thrown));
    return outcomes.map((outcome, position) => this.of(position, outcome));
  }

  /**
   * The answer to one call; throws what that call has to throw. References read
   * all of an answer, the model may get less.
   */
  of(position: number, outcome: Outcome<Answer>): Answer {
    const { host, executor } = this.#about;
    if ("value" in outcome) {
      const { maxOutputBytes } = host;
      return maxOutputBytes === undefined
        ? outcome.value
        : cutOutput(outcome.value, maxOutputBytes);
    }
    if ("error" in outcome) throw outcome.error;
    // One that waited for an interrupted call adds no interrupt of its own.
    if (outcome.status === "interrupted") {
      throw executor.thrown.get(position) ?? new GraphInterrupt([]);
    }
    return this.#withoutRun(position, outcome);
  }

  /** All questions that calls have asked, in their order. */
  questions(): GraphInterrupt {
    return allQuestions(
      inOrder(this.#about.executor.thrown).filter(isInterrupt),
    );
  }

  #withoutRun(position: number, outcome: Outcome<Answer>): Answer {
    const { plan, host, signal, binder, positionOf } = this.#about;
    const { calls } = plan;
    const { ordinal, dependsOn } = calls[position] as PlannedCall;
    const first = dependsOn[0];
    const call = asUnrun(binder.toolCall(position), host.tools());
    const answer = answerWithoutRun(call, outcome, {
      ordinal,
      maxCalls: host.maxCalls,
      failed: calls[outcome.failed ?? -1],
      replan: first && calls[positionOf(first.index)],
    });
    if (answer === undefined) throw signal.failure;
    return answer;
  }
}

/** By position, as a list in the order of the calls. */
function inOrder(thrown: ReadonlyMap<number, unknown>): unknown[] {
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
