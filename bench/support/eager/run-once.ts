import { setTimeout as sleep } from "node:timers/promises";
import { isToolMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { z } from "zod";
import { monotonicMs } from "../monotonic-time.js";
import type { Contender } from "./contenders.js";
import { ask, type Host } from "./hosts.js";
import type { Api } from "./models.js";
import { idOf, levelsOf, type Scenario, TOOL } from "./scenarios.js";
import { LAST_TEXT, type Script } from "./script.js";

export interface Run {
  readonly makespanMs: number;
  /** When each call started, in order. */
  readonly startsMs: readonly number[];
  /** The most calls that ran at once. */
  readonly mostAtOnce: number;
}

/**
 * One run of a fresh agent, from the question to the last text.
 *
 * @throws Error for an agent that didn't run each call once, or got a wrong answer
 */
export async function runOnce(
  scenario: Scenario,
  contender: Contender,
  api: Api,
  host: Host,
  origin: string,
): Promise<Run> {
  const { calls, callMs, options } = scenario;
  const startsMs: number[] = [];
  const numbers: number[] = [];
  let running = 0;
  let mostAtOnce = 0;
  let startMs = 0;
  const lookUp = tool(
    async ({ number }) => {
      startsMs.push(monotonicMs() - startMs);
      numbers.push(number);
      running += 1;
      mostAtOnce = Math.max(mostAtOnce, running);
      await sleep(callMs);
      running -= 1;
      return { id: idOf(number) };
    },
    {
      name: TOOL,
      description: "Looks something up.",
      schema: z.object({ number: z.number(), from: z.array(z.number()) }),
    },
  );
  const agent = host.agentOf(contender, api.modelAt(origin), lookUp, options);
  const turns = contender.isStock ? levelsOf(scenario) : [calls];
  const script: Script = { turns: [...turns, LAST_TEXT] };
  startMs = monotonicMs();
  const messages = await ask(agent, JSON.stringify(script));
  const makespanMs = monotonicMs() - startMs;
  const answers = messages.filter(isToolMessage).map(({ text }) => text);
  const expected = calls.map((_, index) => JSON.stringify({ id: idOf(index) }));
  if (
    numbers.toSorted((a, b) => a - b).join() !== [...calls.keys()].join() ||
    answers.join() !== expected.join() ||
    messages.at(-1)?.text !== LAST_TEXT
  ) {
    throw new Error(
      `${scenario.name}, ${contender.name}, ${api.name}, ${host.name}: the calls ${numbers.join()} ran, with the answers ${answers.join()}.`,
    );
  }
  return { makespanMs, startsMs, mostAtOnce };
}
