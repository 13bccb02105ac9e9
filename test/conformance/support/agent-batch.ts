import type { ToolCall } from "@langchain/core/messages/tool";
import fc from "fast-check";
import type { AgentHost } from "../../support/agent-hosts.js";
import { callOf } from "../../support/messages.js";

/** A run of an agent, as data: what is said to it, and what its model asks for. */
export interface AgentBatch {
  readonly host: AgentHost;
  /** The calls of each message of the model; it then says "done". */
  readonly turns: readonly (readonly ToolCall[])[];
  /** The turn in which the model throws. */
  readonly modelFailsAt: number | null;
  /** What is in the state with the user's first word. */
  readonly notes: readonly string[];
  readonly hasCheckpointer: boolean;
  /** The user speaks again on the same thread, with or without notes. */
  readonly again: "no" | "with notes" | "without notes";
  readonly by: "invoke" | "values" | "chunks" | "events";
  readonly resumeBy: "id" | "value";
}

/** The server's answers come when they come. */
export const MCP_TOOLS: ReadonlySet<string> = new Set([
  "look_up",
  "refuse",
  "show",
  "measure",
  "crash",
]);

/** A tool that pauses the run for a question. */
export const ASKS = "ask";

const text = fc.constantFrom("tea", "", "$1", '{"a":1}', "ünï\n");
/** `"own"`: no other call of the thread has it; `"same"`: others of its message may. */
const id = fc.oneof(
  { weight: 12, arbitrary: fc.constant("own") },
  { weight: 1, arbitrary: fc.constantFrom("same", "", undefined) },
);

interface Drawn {
  readonly id: string | undefined;
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

const named = (
  names: readonly string[],
  args: Readonly<Record<string, fc.Arbitrary<unknown>>>,
): fc.Arbitrary<Drawn> =>
  fc.record({
    id,
    name: fc.constantFrom(...names),
    args: fc.record({ ...args }),
  });

/** What tools of this process do well. */
const works = named(
  ["say", "blocks", "cite", "message", "note", "write", "finish"],
  { text },
);
const gives = named(["give"], { value: fc.jsonValue({ maxDepth: 2 }) });
const fails = named(["fail", "give_up"], {
  kind: fc.constantFrom("plain", "custom", "http", "type"),
});
const isWrong = fc.oneof(
  named(["missing", "toString", ""], { text }),
  named(["say", "note", "finish", "look_up"], { text: fc.constant(5) }),
);
const mcp = fc.oneof(
  named(["look_up"], { word: fc.constantFrom("tea", "ink") }),
  named(["refuse", "crash"], {}),
  named(["show", "measure"], { word: text }),
);
const asks = named([ASKS], { text });

/** The calls of one message; some come twice, word for word. */
function message(turn: number, canAsk: boolean): fc.Arbitrary<ToolCall[]> {
  const one = fc.oneof(
    { weight: 5, arbitrary: works },
    { weight: 1, arbitrary: gives },
    { weight: 2, arbitrary: fails },
    { weight: 1, arbitrary: isWrong },
  );
  const list = fc.oneof(
    { weight: 2, arbitrary: fc.array(one, { minLength: 1, maxLength: 4 }) },
    {
      weight: 1,
      arbitrary: fc.array(fc.oneof(one, mcp), { minLength: 1, maxLength: 4 }),
    },
    ...(canAsk ? [{ weight: 1, arbitrary: withQuestion(one) }] : []),
  );
  return fc
    .tuple(list, fc.option(fc.nat(5)), fc.infiniteStream(fc.nat(1_000)))
    .map(([specs, twin, order]) => {
      const copied = specs[(twin ?? 0) % specs.length];
      const isCopied = twin !== null && copied && copied.name !== ASKS;
      const all = isCopied ? [...specs, copied] : specs;
      return ranked(all, turn, order);
    });
}

/**
 * At most one call of a message asks. Of several the stock node shows the first in
 * time, which is a known difference.
 */
function withQuestion(one: fc.Arbitrary<Drawn>): fc.Arbitrary<Drawn[]> {
  return fc
    .tuple(fc.array(one, { maxLength: 4 }), asks, fc.nat(4))
    .map(([specs, question, at]) => specs.toSpliced(at, 0, question));
}

/**
 * Calls whose tools end in a drawn order, one after the other: `rank` counts turns
 * of the event loop. A question comes last. The stock node would end with calls
 * still running, which is a known difference.
 */
function ranked(
  specs: readonly Drawn[],
  turn: number,
  order: Iterable<number>,
): ToolCall[] {
  const keys = [...take(order, specs.length)];
  const rankOf = (index: number) =>
    specs[index]?.name === ASKS
      ? specs.length + 1
      : 1 +
        keys.filter((key, other) => {
          const own = keys[index] as number;
          return key < own || (key === own && other < index);
        }).length;
  return specs.map((spec, index) => {
    const callId =
      spec.id === "own"
        ? `call_${turn}_${index}`
        : spec.id && `${spec.id}_${turn}`;
    const rank = MCP_TOOLS.has(spec.name) ? {} : { rank: rankOf(index) };
    return callOf(callId, spec.name, { ...spec.args, ...rank });
  });
}

function* take<Item>(items: Iterable<Item>, count: number): Iterable<Item> {
  let left = count;
  for (const item of items) {
    if (left === 0) return;
    left -= 1;
    yield item;
  }
}

export const agentBatches = (
  hosts: readonly AgentHost[],
): fc.Arbitrary<AgentBatch> =>
  fc
    .constantFrom(true, false, false)
    .chain((hasCheckpointer) =>
      fc.record({
        host: fc.constantFrom(...hosts),
        turns: fc.oneof(
          {
            weight: 3,
            arbitrary: fc.tuple(message(0, hasCheckpointer)),
          },
          {
            weight: 1,
            arbitrary: fc.tuple(
              message(0, hasCheckpointer),
              message(1, hasCheckpointer),
            ),
          },
        ),
        modelFailsAt: fc.option(fc.nat(1), { freq: 6 }),
        notes: fc.constantFrom<string[]>([], ["given"]),
        hasCheckpointer: fc.constant(hasCheckpointer),
        again: hasCheckpointer
          ? fc.constantFrom(
              "no" as const,
              "no" as const,
              "with notes" as const,
              "without notes" as const,
            )
          : fc.constant("no" as const),
        by: fc.constantFrom(
          "invoke" as const,
          "values" as const,
          "chunks" as const,
          "events" as const,
        ),
        resumeBy: fc.constantFrom("id" as const, "value" as const),
      }),
    )
    .map(withFreshIds);

/**
 * The stock node doesn't run a call whose id an earlier message has used, which is a
 * known difference: no id may be empty where there are several messages.
 */
function withFreshIds(batch: AgentBatch): AgentBatch {
  const { turns, again } = batch;
  if (turns.length === 1 && again === "no") return batch;
  const fresh = turns.map((calls, turn) =>
    calls.map((call, index) => ({
      ...call,
      id: call.id || `call_${turn}_${index}`,
    })),
  );
  return { ...batch, turns: fresh };
}
