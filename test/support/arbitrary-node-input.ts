import {
  AIMessage,
  type BaseMessage,
  HumanMessage,
  ToolMessage,
} from "@langchain/core/messages";
import type { ToolCall } from "@langchain/core/messages/tool";
import fc from "fast-check";
import { callOf } from "./messages.js";
import {
  type Action,
  argsFor,
  type Step,
  type ThrownKind,
  TOOL_NAMES,
  type ToolName,
} from "./scripted-tools.js";

/** One generated call: what the model wrote and what its tool then does. */
export interface CallSpec {
  readonly id: string | undefined;
  readonly name: string;
  readonly step: Step;
  /** Arguments that the tool's schema refuses, in place of the right ones. */
  readonly badArgs?: Record<string, unknown>;
  readonly answered: boolean;
}

export interface NodeInput {
  readonly handleToolErrors: boolean;
  readonly specs: readonly CallSpec[];
  readonly hasHistory: boolean;
  readonly hasHumanBehind: boolean;
}

const SPECIAL_NAMES = ["nope", "toString", "__proto__", ""];

const id = fc.option(fc.constantFrom("a", "b", "c", "d", "e", "__proto__"), {
  nil: undefined,
  freq: 6,
});
const delays = { microtasks: fc.nat(6), macrotasks: fc.nat(2) };
const answered = fc.boolean();

const harmlessAction: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ do: fc.constant("return" as const), value: fc.string() }),
  fc.record({
    do: fc.constant("return" as const),
    value: fc.jsonValue({ maxDepth: 2 }),
  }),
  fc.record({ do: fc.constant("blocks" as const), text: fc.string() }),
  fc.record({
    do: fc.constant("message" as const),
    status: fc.constantFrom("success" as const, "error" as const, undefined),
    id: fc.constantFrom("", "other"),
  }),
  fc.record({
    do: fc.constant("command" as const),
    kind: fc.constantFrom(
      "node" as const,
      "update" as const,
      "parentSends" as const,
      "parentNode" as const,
    ),
    sends: fc.nat(3),
  }),
);

/** Calls that give a result, whatever it is. */
const harmless: fc.Arbitrary<CallSpec> = fc.oneof(
  {
    weight: 6,
    arbitrary: specOf(fc.constantFrom(...TOOL_NAMES), id, harmlessAction),
  },
  {
    // Core writes a text for these if there is an id, and if the tool is one
    // of its own. Without, they reach the node: a difference.
    weight: 1,
    arbitrary: specOf(
      fc.constantFrom("zod" as const, "json" as const, "text" as const),
      fc.constantFrom("a", "b"),
      fc.constantFrom<Action>(
        { do: "return", value: undefined },
        { do: "return", value: 10n },
        { do: "return", value: circular() },
      ),
    ),
  },
);

/** Calls that fail with an error. */
function failing(kinds: readonly ThrownKind[]): fc.Arbitrary<CallSpec> {
  const kept = fc.constantFrom(...TOOL_NAMES);
  return fc
    .oneof(
      specOf(kept, id, thrownBy(kinds)),
      specOf(fc.constantFrom(...SPECIAL_NAMES), id, harmlessAction),
      fc.record({
        ...delaysOf(kept, id, harmlessAction),
        badArgs: fc.constantFrom<Record<string, unknown>>(
          {},
          { step: "one" },
          { step: 1.5 },
          { input: 5 },
        ),
      }),
      // What JSON has no text for, with nobody but the node to write it down.
      specOf(
        fc.constantFrom("runnable" as const),
        id,
        fc.constantFrom<Action>(
          { do: "return", value: 10n },
          { do: "return", value: circular() },
        ),
      ),
      specOf(
        fc.constantFrom("artifact" as const),
        id,
        fc.constant<Action>({ do: "return", value: "lonely" }),
      ),
    )
    .map((spec) => ({ ...spec, answered: false }));
}

/**
 * Inputs for which both nodes have to agree. At most one call throws out of
 * the node: of several, the stock node throws the first in time.
 */
export function nodeInputs(options: {
  /** Whether `interrupt()` has a checkpointer to work with. */
  canAsk: boolean;
}): fc.Arbitrary<NodeInput> {
  const errors: ThrownKind[] = ["error", "custom", "like-error"];
  const signals: ThrownKind[] = ["interrupt", "node-interrupt", "drained"];
  (options.canAsk ? signals : errors).push("ask");
  const signalling = specOf(
    fc.constantFrom(...TOOL_NAMES),
    id,
    thrownBy(signals),
  );
  const handled = {
    handleToolErrors: fc.constant(true),
    specs: withOne(
      fc.array(fc.oneof(harmless, failing(errors)), { maxLength: 5 }),
      signalling,
    ),
  };
  const thrown = {
    handleToolErrors: fc.constant(false),
    specs: withOne(
      fc.array(harmless, { maxLength: 5 }),
      fc.oneof(signalling, failing([...errors, "string", "undefined"])),
    ),
  };
  const shape = { hasHistory: fc.boolean(), hasHumanBehind: fc.boolean() };
  return fc
    .oneof(
      fc.record({ ...handled, ...shape }),
      fc.record({ ...thrown, ...shape }),
    )
    .map((input) => ({ ...input, specs: answeredTogether(input.specs) }));
}

/** Of calls with one id, the stock node takes all for answered if one is. */
function answeredTogether(specs: readonly CallSpec[]): CallSpec[] {
  return specs.map((spec) => ({
    ...spec,
    answered: specs.find(({ id }) => id === spec.id)?.answered === true,
  }));
}

/** The messages of an input, the batch's AIMessage among them. */
export function messagesOf(input: NodeInput): BaseMessage[] {
  const messages: BaseMessage[] = [new HumanMessage("please")];
  if (input.hasHistory) {
    messages.push(
      new AIMessage({
        content: "",
        tool_calls: [callOf("old", "zod", { step: 0 })],
      }),
      new ToolMessage({ content: "old answer", tool_call_id: "old" }),
    );
  }
  messages.push(new AIMessage({ content: "", tool_calls: toolCalls(input) }));
  for (const spec of input.specs) {
    if (!spec.answered || spec.id === undefined) continue;
    messages.push(new ToolMessage({ content: "done", tool_call_id: spec.id }));
  }
  if (input.hasHumanBehind) messages.push(new HumanMessage("hurry"));
  return messages;
}

/** The calls of an input as the model wrote them. */
export function toolCalls({ specs }: NodeInput): ToolCall[] {
  return specs.map(({ id, name, badArgs }, step) =>
    callOf(id, name, badArgs ?? argsFor(name as ToolName, step)),
  );
}

function thrownBy(kinds: readonly ThrownKind[]): fc.Arbitrary<Action> {
  return fc.record({
    do: fc.constant("throw" as const),
    what: fc.constantFrom(...kinds),
  });
}

function delaysOf(
  name: fc.Arbitrary<string>,
  callId: fc.Arbitrary<string | undefined>,
  action: fc.Arbitrary<Action>,
) {
  return {
    name,
    id: callId,
    answered,
    step: fc.record({ action, ...delays }),
  };
}

function specOf(
  name: fc.Arbitrary<string>,
  callId: fc.Arbitrary<string | undefined>,
  action: fc.Arbitrary<Action>,
): fc.Arbitrary<CallSpec> {
  return fc.record(delaysOf(name, callId, action));
}

/** The list, in half of all cases with one more item somewhere in it. */
function withOne(
  list: fc.Arbitrary<CallSpec[]>,
  item: fc.Arbitrary<CallSpec>,
): fc.Arbitrary<CallSpec[]> {
  return fc
    .tuple(list, fc.option(item), fc.nat(5))
    .map(([items, extra, at]) =>
      extra === null ? items : items.toSpliced(at, 0, extra),
    );
}

function circular(): unknown {
  const value: Record<string, unknown> = { name: "circle" };
  value["self"] = value;
  return value;
}
