import { AIMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { z } from "zod";
import { collectGarbage } from "./collect-garbage.js";
import { cpuTimeMs } from "./cpu-time.js";

/** The most calls of a batch that are measured. */
export const MOST_CALLS = 10_000;
export const NAMES = ["search", "fetch", "lookup", "store"];

/**
 * Calls per measurement, in as many batches as it takes: so many that collecting
 * garbage, which comes in pieces, is in each of them.
 */
const CALLS = 1_000;

/** Each node stands next to each other one, before and after it. */
const ORDERS = [
  [0, 1, 2, 3],
  [3, 2, 1, 0],
  [1, 3, 0, 2],
  [2, 0, 3, 1],
] as const;

/** One batch, from a message to its answers. */
export type RunBatch = (message: AIMessage) => Promise<unknown>;

/** Microseconds per call, by round. */
export interface Figures {
  readonly cpu: number[];
  readonly wall: number[];
}

/** Four contenders in turn, each round in another order. */
export async function measure(
  contenders: readonly RunBatch[],
  calls: number,
  rounds: number,
): Promise<Figures[]> {
  const message = messageOf(calls);
  const batches = Math.ceil(CALLS / calls);
  const figures = contenders.map((): Figures => ({ cpu: [], wall: [] }));
  // Once and not before each piece: a forced collection throws compiled code and
  // type feedback away. Changing orders give each node the others' garbage.
  collectGarbage();
  const warmUp = calls < MOST_CALLS ? 12 : 4;
  for (let round = -warmUp; round < rounds; round += 1) {
    for (const which of ORDERS[(round + warmUp) % ORDERS.length]!) {
      const runBatch = contenders[which]!;
      const wallStart = performance.now();
      const cpuStart = cpuTimeMs();
      for (let batch = 0; batch < batches; batch += 1) {
        await runBatch(message);
      }
      const cpuMs = cpuTimeMs() - cpuStart;
      const wallMs = performance.now() - wallStart;
      if (round < 0) continue;
      figures[which]!.cpu.push((cpuMs * 1_000) / (batches * calls));
      figures[which]!.wall.push((wallMs * 1_000) / (batches * calls));
    }
  }
  return figures;
}

/** A message that asks for so many calls of the tools, whose ids begin at `firstId`. */
export function messageOf(calls: number, firstId = 0): AIMessage {
  return new AIMessage({
    content: "",
    tool_calls: Array.from({ length: calls }, (_, id) => ({
      name: NAMES[id % NAMES.length]!,
      args: { id: firstId + id, text: "some text" },
      id: `call_${id}`,
      type: "tool_call" as const,
    })),
  });
}

/** Of each round. */
export function ratiosOf(figures: readonly number[], stock: readonly number[]) {
  return figures.map((us, round) => us / stock[round]!);
}

/** Tools that do nothing, or the same. */
export function createTools(
  run: (args: { id: number }) => string | Promise<string> = () => "done",
) {
  return NAMES.map((name) =>
    tool(run, {
      name,
      description: "Does nothing.",
      schema: z.object({ id: z.number(), text: z.string() }),
    }),
  );
}
