/**
 * The host's secret: in what order it hands out answers and namespaces. LangGraph
 * gives the k-th answer of a task to the k-th question, and it numbers the graphs
 * that a task runs in the order in which they begin (`subgraphCounter`). If a
 * task runs several calls, both orders depend on timing.
 *
 * Read in LangGraph 1.7.0, 1.7.1 and 1.7.3 (`interrupt`, `pregel/loop`).
 */
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

/** What all attempts of a call share. */
interface CallState {
  readonly call: ToolCall;
  readonly answers: unknown[];
  /** The numbers of the graphs that the call has run, also before a pause. */
  readonly subgraphs: number[];
  /** How many of these graphs have begun in this run. */
  begun: number;
}

/** One attempt of a call. */
export interface CallAttempt {
  /** Replaces the configurable of the task. */
  readonly configurable: Configurable;
  /**
   * Must be called when the attempt has ended. If the last question rejected its
   * answer, because the form was wrong, the answer is dropped and the question
   * stays open.
   */
  end(): void;
}

/**
 * The scratchpads of several calls that run in one task of LangGraph. Each call
 * has its own question ids, its own answers and its own numbers for graphs, so
 * none of these depend on timing.
 */
export class CallScratchpads {
  readonly #config: LangGraphRunnableConfig;
  readonly #configurable: Configurable;
  readonly #scratchpad: Scratchpad;
  /** In the order of the calls. */
  readonly #calls: readonly CallState[];
  readonly #round: number;
  /** The answers with which the run resumed; `undefined`: it has not paused. */
  readonly #given: StepAnswers | undefined;
  /** Writes to the checkpoint that have begun. */
  readonly #puts: Promise<void>[] = [];

  private constructor(
    config: LangGraphRunnableConfig,
    calls: readonly CallState[],
    round: number,
    given?: StepAnswers,
  ) {
    this.#given = given;
    this.#round = round;
    this.#config = config;
    this.#configurable = config.configurable ?? {};
    this.#scratchpad = scratchpadOf(config) as Scratchpad;
    this.#calls = calls;
    const usedNumbers = calls.flatMap(({ subgraphs }) => subgraphs);
    this.#scratchpad.subgraphCounter = Math.max(
      this.#scratchpad.subgraphCounter,
      ...usedNumbers.map((number) => number + 1),
    );
  }

  /**
   * @param config of the task, which must have a scratchpad
   * @param calls of the batch: at least two
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
      begun: 0,
    }));
    return new CallScratchpads(config, states, round);
  }

  /** Like `open`, for a run that resumed: `handTo` has given `config`. */
  static async reopen(
    config: LangGraphRunnableConfig,
    calls: readonly ToolCall[],
    round: number,
    given: StepAnswers,
  ): Promise<CallScratchpads> {
    const namespace = namespaceOf(config);
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
        begun: 0,
      });
    }
    return new CallScratchpads(config, states, round, given);
  }

  /** Begins an attempt of a call. */
  begin(position: number): CallAttempt {
    const call = this.#calls[position] as CallState;
    const task = this.#scratchpad;
    const own: Scratchpad = {
      ...task,
      interruptCounter: -1,
      resume: [...call.answers],
      nullResume: undefined,
      get subgraphCounter() {
        return call.subgraphs[call.begun] ?? task.subgraphCounter;
      },
      /** LangGraph adds 1 when a graph begins. */
      set subgraphCounter(next) {
        if (call.begun === call.subgraphs.length) {
          call.subgraphs.push(next - 1);
          task.subgraphCounter = next;
        }
        call.begun += 1;
      },
    };
    let accepted = 0;
    const onAnswer = () => {
      accepted = own.interruptCounter + 1;
    };
    return {
      configurable: withScratchpad(this.#configurable, own, onAnswer),
      end: () => {
        const asked = own.interruptCounter;
        if (asked < accepted || asked >= own.resume.length) return;
        call.answers.length = asked;
        const put = this.#given?.reopen(this.#questionId(position, asked));
        if (put) this.#puts.push(put);
      },
    };
  }

  /** The interrupts that a call has thrown, with ids that only this call has. */
  withOwnIds(position: number, error: GraphInterrupt): GraphInterrupt {
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

  /** Writes to the checkpoint which graphs belong to which call. */
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

/** Whether an error holds questions to a human. */
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
 * Identifies a call among all calls of its task. The round is part of the key
 * because a task may run several batches.
 */
function keyOf(
  { id, name, args }: ToolCall,
  position: number,
  round: number,
): string {
  try {
    return JSON.stringify([round, position, id, name, args]);
  } catch {
    return JSON.stringify([round, position, id, name]); // `args` isn't JSON.
  }
}
