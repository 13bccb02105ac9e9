import type { ToolCall } from "@langchain/core/messages/tool";
import {
  GraphInterrupt,
  isGraphInterrupt,
  type LangGraphRunnableConfig,
} from "@langchain/langgraph";
import { openCheckpoints } from "./pending-writes.js";
import { nextQuestionId, ownQuestionId } from "./question-id.js";
import { type StepAnswers, SUBGRAPHS } from "./step-answers.js";
import {
  type Configurable,
  namespaceOf,
  type Scratchpad,
  scratchpadOf,
  withScratchpad,
} from "./task.js";

/** What one of the calls has in common over its attempts. */
interface CallState {
  readonly call: ToolCall;
  readonly answers: unknown[];
  /** The numbers of the graphs that it has invoked, also before a pause. */
  readonly subgraphs: number[];
  /** How many of them this run has invoked again. */
  invoked: number;
}

/** One attempt of a call. */
export interface CallAttempt {
  /** In place of the task's own. */
  readonly configurable: Configurable;
  /**
   * To be called when it has ended. An answer that its question did not take, since
   * it has the wrong form, is none: the question is open.
   */
  end(): void;
}

/**
 * The scratchpads of several calls that are one task of LangGraph's.
 *
 * LangGraph gives the k-th answer of a task to whoever is the k-th to ask, and
 * tells graphs inside it apart by the order in which they begin (1.7.3,
 * `interrupt` and `pregel/loop`). Among several calls that is a matter of time.
 * Here each call has questions with ids of their own and answers of its own.
 */
export class CallScratchpads {
  readonly #config: LangGraphRunnableConfig;
  readonly #configurable: Configurable;
  readonly #scratchpad: Scratchpad;
  /** By the positions of the calls. */
  readonly #calls: readonly CallState[];
  readonly #round: number;
  /** Where the run goes on after a pause. */
  readonly #given: StepAnswers | undefined;
  /** Answers on their way to the checkpoint. */
  readonly #puts: Promise<void>[] = [];

  private constructor(
    config: LangGraphRunnableConfig,
    configurable: Configurable,
    calls: readonly CallState[],
    round: number,
    given?: StepAnswers,
  ) {
    this.#given = given;
    this.#round = round;
    this.#config = config;
    this.#configurable = configurable;
    this.#scratchpad = scratchpadOf(config) as Scratchpad;
    this.#calls = calls;
    const taken = calls.flatMap(({ subgraphs }) => subgraphs);
    this.#scratchpad.subgraphCounter = Math.max(
      this.#scratchpad.subgraphCounter,
      ...taken.map((number) => number + 1),
    );
  }

  /**
   * @param config of the task, in which a human can be asked
   * @param calls of the batch, of which there are several
   * @param round the number of the batch in the task
   */
  static open(
    config: LangGraphRunnableConfig,
    calls: readonly ToolCall[],
    round: number,
  ): CallScratchpads {
    const states: CallState[] = calls.map((call) => ({
      call,
      answers: [],
      subgraphs: [],
      invoked: 0,
    }));
    return new CallScratchpads(
      config,
      config.configurable ?? {},
      states,
      round,
    );
  }

  /** As `open`, where the run goes on after a pause. */
  static async reopen(
    config: LangGraphRunnableConfig,
    calls: readonly ToolCall[],
    round: number,
    given: StepAnswers,
  ): Promise<CallScratchpads> {
    const namespace = namespaceOf(config);
    const configurable = given.handTo(config);
    const numbers = (given.kept(subgraphsId(namespace), SUBGRAPHS) ??
      {}) as Record<string, number[]>;
    const states: CallState[] = [];
    for (const [position, call] of calls.entries()) {
      const key = keyOf(call, position, round);
      const idOf = (answered: number) =>
        ownQuestionId(namespace, key, answered);
      const answers = given.answersTo(idOf);
      await given.keepAnswers(answers.length, idOf);
      states.push({
        call,
        answers,
        subgraphs: [...(numbers[key] ?? [])],
        invoked: 0,
      });
    }
    return new CallScratchpads(config, configurable, states, round, given);
  }

  /** An attempt of a call begins. */
  begin(position: number): CallAttempt {
    const call = this.#calls[position] as CallState;
    const task = this.#scratchpad;
    const own: Scratchpad = {
      ...task,
      interruptCounter: -1,
      resume: [...call.answers],
      nullResume: undefined,
      get subgraphCounter() {
        return call.subgraphs[call.invoked] ?? task.subgraphCounter;
      },
      /** LangGraph counts up when a graph begins. */
      set subgraphCounter(next) {
        if (call.invoked === call.subgraphs.length) {
          call.subgraphs.push(next - 1);
          task.subgraphCounter = next;
        }
        call.invoked += 1;
      },
    };
    let taken = 0;
    const onAnswer = () => {
      taken = own.interruptCounter + 1;
    };
    return {
      configurable: withScratchpad(this.#configurable, own, onAnswer),
      end: () => {
        const asked = own.interruptCounter;
        if (asked < taken || asked >= own.resume.length) return;
        call.answers.length = asked;
        const left = this.#given?.leave(this.#questionId(position, asked));
        if (left) this.#puts.push(left);
      },
    };
  }

  /** The interrupts that a call has thrown, with ids of their own. */
  named(position: number, error: GraphInterrupt): GraphInterrupt {
    const { answers } = this.#calls[position] as CallState;
    const namespace = namespaceOf(this.#config);
    const given = nextQuestionId(namespace, answers.length);
    return new GraphInterrupt(
      error.interrupts.map((one) =>
        one.id === undefined || one.id !== given
          ? one
          : { ...one, id: this.#questionId(position, answers.length) },
      ),
    );
  }

  #questionId(position: number, answered: number): string {
    const namespace = namespaceOf(this.#config);
    return ownQuestionId(namespace, this.#keyOf(position), answered);
  }

  #keyOf(position: number): string {
    const { call } = this.#calls[position] as CallState;
    return keyOf(call, position, this.#round);
  }

  /** Before the task is left with a question: which graphs belong to whom. */
  async keep(): Promise<void> {
    await Promise.all(this.#puts);
    const numbers = this.#calls.flatMap(({ subgraphs }, position) =>
      subgraphs.length === 0 ? [] : [[this.#keyOf(position), subgraphs]],
    );
    if (numbers.length === 0) return;
    const id = subgraphsId(namespaceOf(this.#config));
    const value = Object.fromEntries(numbers) as unknown;
    if (this.#given) {
      await this.#given.note(id, SUBGRAPHS, value);
    } else {
      const [checkpoint] = openCheckpoints(this.#config);
      await checkpoint?.put(id, [[SUBGRAPHS, value]]);
    }
  }
}

/** Whether a call has thrown questions to a human. */
export function hasAsked(error: unknown): error is GraphInterrupt {
  return (
    typeof error === "object" &&
    error !== null &&
    isGraphInterrupt(error) &&
    error.interrupts.length > 0
  );
}

function subgraphsId(namespace: string): string {
  return ownQuestionId(namespace, SUBGRAPHS, 0);
}

/**
 * What tells a call from all others of its task, in which a node may be run twice
 * with other calls.
 */
function keyOf(
  { id, name, args }: ToolCall,
  position: number,
  round: number,
): string {
  try {
    return JSON.stringify([round, position, id, name, args]);
  } catch {
    return JSON.stringify([round, position, id, name]); // A cycle or a bigint.
  }
}
