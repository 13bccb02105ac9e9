import { ToolMessage } from "@langchain/core/messages";
import { type StructuredTool, tool } from "@langchain/core/tools";
import {
  Command,
  interrupt,
  isGraphInterrupt,
  type LangGraphRunnableConfig,
} from "@langchain/langgraph";
import { z } from "zod";
import { hashOf } from "../random.js";
import { failureText, outputText } from "../texts.js";
import {
  type CallDraw,
  isNo,
  leaderOf,
  questionOf,
  type Step,
  type World,
} from "../world.js";
import type { Deed, LogLine } from "./log.js";
import { pauseFor } from "./pause.js";

type FailStep = Extract<Step, { do: "fail" }>;

interface ToolConfig extends LangGraphRunnableConfig {
  readonly toolCall?: { readonly id?: string };
  readonly toolCallId?: string;
}

/** The tools of a world, and the log of what they do. */
export class Stage {
  readonly log: LogLine[] = [];
  readonly tools: StructuredTool[];
  /** Of the thread, from 1. */
  run = 0;
  readonly #world: World;
  #executions = 0;
  /** By index: how often a call came to where it fails, and failed. */
  readonly #failures = new Map<number, number>();

  constructor(world: World) {
    this.#world = world;
    this.tools = world.tools.map(({ name }) =>
      tool(
        (args: Record<string, unknown>, config: ToolConfig) => {
          const id = config.toolCall?.id ?? config.toolCallId;
          const index = world.calls.findIndex((call) => call.id === id);
          return this.#perform(index, args, config.signal);
        },
        { name, description: name, schema: z.looseObject({}) },
      ),
    ) as never[];
  }

  /** A delay of the call that is another in each run. */
  delay(...what: (string | number)[]): Promise<void> | undefined {
    const { seed, number } = this.#world;
    return pauseFor(hashOf("delay", seed, number, this.run, ...what));
  }

  async #perform(
    index: number,
    args: Record<string, unknown>,
    signal: AbortSignal | undefined,
  ): Promise<string | Command> {
    this.#executions += 1;
    const { run } = this;
    const execution = this.#executions;
    const isOwn = (line: LogLine) => line.call === index && line.run === run;
    const attempt = this.log.filter(isOwn).length;
    const note = (deed: Deed) => {
      this.log.push({ ...deed, run, execution, call: index });
    };
    note({ did: "start" });
    const leader = leaderOf(this.#world, index);
    const { script } = this.#world.calls[leader] as CallDraw;
    const got: unknown[] = [];
    for (const [place, step] of script.entries()) {
      switch (step.do) {
        case "effect":
          note({ did: "effect", place });
          break;
        case "pause":
          await this.delay("tool", index, attempt, place);
          break;
        case "ask": {
          const answer = ask(questionOf(leader, got.length), note);
          got.push(answer);
          if (step.endsOnNo && isNo(answer)) {
            note({ did: "ended" });
            return this.#answer(index, got, args);
          }
          break;
        }
        case "fail":
          await this.#mayFail(leader, step, signal, note);
      }
    }
    note({ did: "ended" });
    return this.#answer(index, got, args);
  }

  async #mayFail(
    index: number,
    { how, times }: FailStep,
    signal: AbortSignal | undefined,
    note: (deed: Deed) => void,
  ): Promise<void> {
    const failures = this.#failures.get(index) ?? 0;
    if (failures >= times) return;
    this.#failures.set(index, failures + 1);
    if (how === "hang") {
      await new Promise((_, reject) => {
        signal?.addEventListener("abort", () => {
          note({ did: "failed", how });
          reject(signal.reason as Error);
        });
      });
    }
    note({ did: "failed", how });
    const error = new Error(failureText(this.#world, index));
    throw how === "429" ? Object.assign(error, REFUSED) : error;
  }

  #answer(
    index: number,
    got: readonly unknown[],
    args: Record<string, unknown>,
  ): string | Command {
    const { id, answersWith } = this.#world.calls[index] as CallDraw;
    const content = outputText(
      this.#world,
      index,
      got,
      args["reference"],
      args["amount"],
    );
    if (answersWith === "text") return content;
    const message = new ToolMessage({
      content,
      tool_call_id: id,
      status: "success",
    });
    return new Command({ update: { messages: [message] } });
  }
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
