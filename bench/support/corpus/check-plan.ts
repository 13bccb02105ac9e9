import { isDeepStrictEqual } from "node:util";
import { AIMessage, type ToolMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { ParallelToolNode, planBatch } from "parallel-tools-node";
import { z } from "zod";
import type { TranslatedPlan } from "./translate-plan.js";

/** A batch without delays is through in no time, or it hangs. */
const HANGS_AFTER_MS = 10_000;

export interface PlanCheck {
  readonly edges: number;
  /** Calls whose tool saw exactly the arguments that it should. */
  readonly argumentsSeen: number;
  /** Calls that ended in the error that they should. */
  readonly errors: number;
  /** Calls that were rightly not run since they waited for one of those. */
  readonly skipped: number;
  readonly mismatches: readonly string[];
}

/** Plans and runs a translated plan; its tools return `outputs`. */
export async function checkPlan(
  plan: TranslatedPlan,
  outputs: readonly unknown[],
): Promise<PlanCheck> {
  const mismatches: string[] = [];
  const edges = checkEdges(plan, mismatches);
  const seen = new Map<number, unknown>();
  const answers = await run(plan, outputs, seen);
  if (answers === undefined) {
    mismatches.push(`the batch hangs after ${seen.size} calls`);
    return { edges, argumentsSeen: 0, errors: 0, skipped: 0, mismatches };
  }
  const counts = { argumentsSeen: 0, errors: 0, skipped: 0 };
  const failed = new Set<number>();
  plan.calls.forEach(({ name }, index) => {
    const { status, text } = answers[index]!;
    const where = `call ${index + 1} (${name})`;
    const say = (what: string) => mismatches.push(`${where} ${what}`);
    const isCutOff = plan.targets[index]!.some((target) => failed.has(target));
    if (plan.broken.has(index) || isCutOff) {
      failed.add(index);
      const words = isCutOff ? "Not run: " : 'Not run: the reference "';
      // A call may be broken and cut off: then either will do.
      const isAsDue = text.startsWith(words);
      if (seen.has(index)) say("was run in spite of its reference");
      else if (status !== "error" || !isAsDue) say(`answers ${text}`);
      else if (plan.broken.has(index)) counts.errors += 1;
      else counts.skipped += 1;
      return;
    }
    const due = plan.argsOf(index, outputs);
    if (!seen.has(index)) say(`was not run: ${text}`);
    else if (!isDeepStrictEqual(seen.get(index), due)) {
      say(`saw ${show(seen.get(index))}, not ${show(due)}`);
    } else if (status === "error") say(`failed: ${text}`);
    else counts.argumentsSeen += 1;
  });
  return { edges, ...counts, mismatches };
}

/** Holds the edges against the labels; text rules must not change whole strings. */
function checkEdges(plan: TranslatedPlan, mismatches: string[]): number {
  let edges = 0;
  for (const embedded of plan.isEmbedded ? [true] : [false, true]) {
    const references = embedded ? { embedded } : true;
    const planned = planBatch(plan.calls, { references });
    edges = 0;
    planned.calls.forEach(({ dependsOn, problem }, index) => {
      edges += dependsOn.length;
      const found = dependsOn
        .map((edge) => `${edge.reason} ${edge.index + 1}`)
        .sort();
      const due = plan.targets[index]!.map(
        (at) => `reference ${at + 1}`,
      ).sort();
      const isBroken = plan.broken.get(index) === "planned";
      if (!isDeepStrictEqual(found, due)) {
        mismatches.push(
          `call ${index + 1} waits for [${found.join(", ")}], not [${due.join(", ")}]`,
        );
      }
      if ((problem !== undefined) !== isBroken) {
        mismatches.push(
          `call ${index + 1} has ${isBroken ? "no problem" : `a problem: ${problem?.message}`}`,
        );
      }
    });
  }
  return edges;
}

/** `undefined`: the batch hangs. */
async function run(
  { calls, isEmbedded }: TranslatedPlan,
  outputs: readonly unknown[],
  seen: Map<number, unknown>,
): Promise<ToolMessage[] | undefined> {
  const tools = [...new Set(calls.map(({ name }) => name))].map((name) =>
    tool(
      async (args, { toolCall }) => {
        const index = calls.findIndex(({ id }) => id === toolCall?.id);
        seen.set(index, args);
        return outputs[index];
      },
      { name, description: "", schema: z.looseObject({}) },
    ),
  );
  const node = new ParallelToolNode(tools, {
    references: isEmbedded ? { embedded: true } : true,
  });
  const message = new AIMessage({ content: "", tool_calls: [...calls] });
  let timer: NodeJS.Timeout | undefined;
  const hangs = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), HANGS_AFTER_MS);
  });
  const answers = node
    .invoke({ messages: [message] })
    .then((update: { messages: ToolMessage[] }) => update.messages);
  try {
    return await Promise.race([answers, hangs]);
  } finally {
    clearTimeout(timer);
  }
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? "undefined";
}
