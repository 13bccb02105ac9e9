import { ToolMessage } from "@langchain/core/messages";
import { type StructuredTool, tool } from "@langchain/core/tools";
import {
  Command,
  interrupt,
  isGraphInterrupt,
  type LangGraphRunnableConfig,
} from "@langchain/langgraph";
import type { BatchReport } from "parallel-tools-node";
import { z } from "zod";
import { hashOf } from "../random.js";
import { failureText, labelOf, outputText, questionOf } from "../texts.js";
import {
  type CallDraw,
  isNo,
  type Step,
  type Turn,
  turnOf,
  type World,
} from "../world.js";
import type { Deed, LogLine } from "./log.js";
import { pauseFor } from "./pause.js";
import type { Place } from "./tool-calls.js";

type FailStep = Extract<Step, { do: "fail" }>;
type Args = Place & Record<string, unknown>;

/** The tools of a world, and the log of what they do. */
export class Stage {
  readonly log: LogLine[] = [];
  /** Of its batches, where calls may start early. */
  readonly reports: BatchReport[] = [];
  readonly tools: StructuredTool[];
  /** Of the thread, from 1. */
  run = 0;
  readonly #world: World;
  #executions = 0;
  /** By call: the executions that came to where it fails, and failed. */
  readonly #failures = new Map<string, Set<number>>();
  /** Early runs that may still be of use. */
  readonly #early = new Set<EarlyExecution>();
  /** Executions that count for nothing. */
  readonly #discarded = new Set<number>();

  constructor(world: World) {
    this.#world = world;
    this.tools = world.tools.map(({ name }) =>
      tool(
        (args: Record<string, unknown>, config: LangGraphRunnableConfig) =>
          this.#perform(args as Args, config),
        { name, description: name, schema: z.looseObject({}) },
      ),
    ) as never[];
  }

  /**
   * Calls are to be run again: they fail as often as before.
   *
   * @param labels of these calls. Default: all
   */
  startAgain(labels: Iterable<string> = [...this.#failures.keys()]): void {
    for (const label of labels) this.#failures.delete(label);
  }

  /** The run has ended, and no call of a turn has come. */
  discardEarly(turn: number): void {
    for (const early of this.#early) if (early.turn === turn) early.discard();
  }

  /** A delay of the call that is another in each run. */
  delay(...what: (string | number)[]): Promise<void> | undefined {
    const { seed, number } = this.#world;
    return pauseFor(hashOf("delay", seed, number, this.run, ...what));
  }

  async #perform(
    args: Args,
    { signal, metadata }: LangGraphRunnableConfig,
  ): Promise<string | Command> {
    this.#executions += 1;
    const { run } = this;
    const execution = this.#executions;
    const { number: index, edit } = args;
    const turn: Turn = {
      ...turnOf(this.#world, args.turn),
      edits: new Map(edit === undefined ? [] : [[index, edit]]),
    };
    const who = { turn: turn.place, call: index, edit };
    const isOwn = (line: LogLine) =>
      line.turn === turn.place && line.call === index && line.run === run;
    const attempt = this.log.filter(isOwn).length;
    const note = (deed: Deed) => {
      this.log.push({ ...deed, run, execution, ...who });
    };
    const isEarly = isBeforeTask(metadata);
    note({ did: "start", isEarly });
    if (isEarly) {
      this.#watchEarly(turn.place, signal, () => {
        note({ did: "discarded" });
        this.#discarded.add(execution);
      });
    }
    const { script } = turn.calls[index] as CallDraw;
    const got: unknown[] = [];
    for (const [place, step] of script.entries()) {
      switch (step.do) {
        case "effect":
          note({ did: "effect", place });
          break;
        case "pause":
          await this.delay("tool", turn.place, index, attempt, place);
          break;
        case "ask": {
          const answer = ask(questionOf(turn, index, got.length), note);
          got.push(answer);
          if (step.endsOnNo && isNo(answer)) {
            note({ did: "ended" });
            return answerOf(turn, index, got, args);
          }
          break;
        }
        case "fail":
          await this.#mayFail(turn, index, step, signal, note, execution);
      }
    }
    note({ did: "ended" });
    return answerOf(turn, index, got, args);
  }

  /** An early run is aborted when it is of no use, also when it has ended. */
  #watchEarly(
    turn: number,
    signal: AbortSignal | undefined,
    onDiscard: () => void,
  ): void {
    const early: EarlyExecution = {
      turn,
      discard: () => {
        if (this.#early.delete(early)) onDiscard();
      },
    };
    this.#early.add(early);
    signal?.addEventListener("abort", () => {
      const { name } = signal.reason as Error;
      if (name === "AbortError") early.discard();
    });
  }

  async #mayFail(
    turn: Turn,
    index: number,
    { how, times }: FailStep,
    signal: AbortSignal | undefined,
    note: (deed: Deed) => void,
    execution: number,
  ): Promise<void> {
    const label = labelOf(turn, index);
    const failures = this.#failures.get(label) ?? new Set();
    const count = [...failures].filter((one) => !this.#discarded.has(one));
    if (count.length >= times) return;
    this.#failures.set(label, failures.add(execution));
    if (how === "hang") {
      await new Promise((_, reject) => {
        signal?.addEventListener("abort", () => {
          note({ did: "failed", how });
          reject(signal.reason as Error);
        });
      });
    }
    note({ did: "failed", how });
    const error = new Error(failureText(turn, index));
    throw how === "429" ? Object.assign(error, REFUSED) : error;
  }
}

interface EarlyExecution {
  readonly turn: number;
  discard(): void;
}

/** What runs in a task is told of which node it is. */
function isBeforeTask(metadata: object | undefined): boolean {
  return !Object.keys(metadata ?? {}).includes("langgraph_node");
}

/** Calls that are the same as others are run once, and give text. */
function answerOf(
  turn: Turn,
  index: number,
  got: readonly unknown[],
  args: Args,
): string | Command {
  const { id, answersWith } = turn.calls[index] as CallDraw;
  const { reference, amount } = args;
  const content = outputText(turn, index, got, reference, amount);
  if (answersWith === "text") return content;
  const message = new ToolMessage({
    content,
    tool_call_id: id as string,
    status: "success",
  });
  return new Command({ update: { messages: [message] } });
}

/** A server that takes no more for a millisecond. */
const REFUSED = { status: 429, headers: { "retry-after-ms": "1" } };

function ask(question: string, note: (deed: Deed) => void): unknown {
  note({ did: "asked", question });
  try {
    const answer: unknown = interrupt({ question });
    note({ did: "got", question, answer });
    return answer;
  } catch (error) {
    if (isGraphInterrupt(error)) note({ did: "paused", question });
    else note({ did: "failed", how: String(error) });
    throw error;
  }
}
