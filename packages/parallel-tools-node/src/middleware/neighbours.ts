import { AIMessage, ToolMessage } from "@langchain/core/messages";
import {
  type AgentMiddleware,
  createAgent,
  createMiddleware,
  type WrapToolCallHook,
} from "langchain";
import { sendInputOf } from "../langgraph/send-input.js";
import { attempt } from "../limits/feedback/attempt.js";

/**
 * Where other middleware stands that wraps tool calls, of the same agent as ours.
 * With none `"behind"`, our handler runs the tool. `"unknown"`: that can't be told.
 */
export type Neighbours =
  | "none"
  | "in front"
  | "behind"
  | "on both sides"
  | "unknown";

/** What LangChain calls for each tool call. */
type Hook = (...args: never[]) => unknown;

/**
 * Knows which other middleware stands around a hook of ours. LangChain tells no
 * hook, yet it decides what becomes of a tool's error: a message for the model
 * where no middleware wraps tool calls, else the end of the run.
 *
 * What this relies on, read in langchain 1.5.14 (`dist/agents/utils.js`,
 * `wrapToolCall` and `chainToolCallHandlers`; `dist/agents/nodes/ToolNode.js`,
 * `runTool`): LangChain calls a hook from a wrapper, at once, and this wrapper
 * from one place in its code where the hook is the only one, from another where
 * more hooks stand behind it, and from a third where it is the last of several.
 * So the places above a hook on the stack tell how it stands. They are not
 * written down here. Small agents of the installed version are asked for them,
 * once in a process. Where a stack can't be read, or shows a place that none of
 * them has, or two of them show the same, the answer is `"unknown"`.
 *
 * The stack is taken once for each step of a graph, and read when somebody asks.
 */
export class NeighbourWatch {
  readonly #steps = new WeakMap<AbortSignal, HookCaller>();

  /**
   * To be called by the hook itself, before it has waited for anything.
   *
   * @param signal of the step, which LangGraph makes for it alone
   */
  callerOf(hook: Hook, signal: AbortSignal | undefined): HookCaller {
    if (signal === undefined) return new HookCaller(hook);
    let caller = this.#steps.get(signal);
    if (caller === undefined) {
      caller = new HookCaller(hook);
      this.#steps.set(signal, caller);
    }
    return caller;
  }
}

/** Who has called a hook. */
export class HookCaller {
  readonly #stack: { readonly stack?: unknown };
  #neighbours: Neighbours | undefined;

  constructor(hook: Hook) {
    this.#stack = captureStack(hook);
  }

  get neighbours(): Neighbours {
    this.#neighbours ??= neighboursAt(placeOf(this.#stack));
    return this.#neighbours;
  }

  /** Known to have nothing but LangChain behind it: its handler runs the tool. */
  get isLast(): boolean {
    return this.neighbours === "none" || this.neighbours === "in front";
  }

  /** Known to have nothing but LangChain in front of it. */
  get isFirst(): boolean {
    return this.neighbours === "none" || this.neighbours === "behind";
  }
}

const FRAMES = 3;

/** The frames above a hook. They become a text when they are read. */
function captureStack(hook: Hook): { readonly stack?: unknown } {
  const taken: { stack?: unknown } = {};
  const limit = Error.stackTraceLimit;
  // An engine without it, or one that is locked.
  attempt(() => {
    Error.stackTraceLimit = FRAMES;
    Error.captureStackTrace(taken, hook);
  });
  if (Error.stackTraceLimit !== limit) Error.stackTraceLimit = limit;
  return taken;
}

/** File, line and column of each frame; without names, which follow the receiver. */
function placeOf(taken: { readonly stack?: unknown }): string | undefined {
  const stack = attempt(() => taken.stack);
  if (typeof stack !== "string") return undefined;
  const frames = stack.split("\n").slice(-FRAMES);
  const places = frames.map((frame) =>
    frame
      .slice(frame.lastIndexOf("(") + 1)
      .replace(/^\s*at (?:async )?|\)$/g, ""),
  );
  return places.length === FRAMES && places.every((p) => /:\d+:\d+$/.test(p))
    ? places.join("\n")
    : undefined;
}

let known: ReadonlyMap<string, Neighbours> | undefined;

function neighboursAt(place: string | undefined): Neighbours {
  if (place === undefined) return "unknown";
  known ??= attempt(readPlaces) ?? new Map<string, Neighbours>();
  return known.get(place) ?? "unknown";
}

const CALL = { name: "none", args: {}, id: "1", type: "tool_call" } as const;
/** What the node for tools is given: a message of the model (v1), or a call (v2). */
const INPUTS = [
  { messages: [new AIMessage({ content: "", tool_calls: [CALL] })] },
  sendInputOf(CALL, { messages: [] }),
];

function readPlaces(): ReadonlyMap<string, Neighbours> {
  const pass: WrapToolCallHook = (request, handler) => handler(request);
  const [before, after] = [hookOf("before", pass), hookOf("after", pass)];
  const orders: [Neighbours, (own: AgentMiddleware) => AgentMiddleware[]][] = [
    ["none", (own) => [own]],
    ["in front", (own) => [before, own]],
    ["behind", (own) => [own, after]],
    ["on both sides", (own) => [before, own, after]],
  ];
  const places = new Map<string, Neighbours>();
  for (const [neighbours, order] of orders) {
    for (const place of placesIn(order)) {
      if ((places.get(place) ?? neighbours) !== neighbours) return new Map();
      places.set(place, neighbours);
    }
  }
  return places;
}

/** The part of an agent's graph that runs its tools. */
interface ToolsOf {
  readonly nodes: {
    readonly tools: {
      readonly bound: {
        invoke(input: object, config: object): Promise<unknown>;
      };
    };
  };
}

/** From where the hook of `own` is called in an agent with these middleware. */
function placesIn(
  order: (own: AgentMiddleware) => AgentMiddleware[],
): string[] {
  const places: string[] = [];
  const own = hookOf("own", function hook({ toolCall }) {
    const place = placeOf(captureStack(hook));
    if (place !== undefined) places.push(place);
    return new ToolMessage({ content: "", tool_call_id: toolCall.id ?? "" });
  });
  // No model is asked: what runs is the node for the tools alone.
  const middleware = order(own);
  const agent = createAgent({ model: "none", tools: [], middleware });
  const { tools } = (agent.graph as unknown as ToolsOf).nodes;
  for (const input of INPUTS) tools.bound.invoke(input, {}).catch(() => {});
  return places;
}

function hookOf(name: string, wrapToolCall: WrapToolCallHook): AgentMiddleware {
  return createMiddleware({ name, wrapToolCall }) as AgentMiddleware;
}
