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
 * Where the agent has other middleware that wraps tool calls, as seen from ours.
 * Middleware in front gets a call before ours does. If there is none behind, our
 * handler runs the tool.
 */
export type Neighbours =
  | "none"
  | "in front"
  | "behind"
  | "on both sides"
  | "unknown";

/** What is known of the caller of a hook. `false`: no, or it isn't known. */
interface CallerFacts {
  readonly isFirst: boolean;
  readonly isLast: boolean;
  readonly hasNeighbours: boolean;
}

const FACTS = {
  none: { isFirst: true, isLast: true, hasNeighbours: false },
  "in front": { isFirst: false, isLast: true, hasNeighbours: true },
  behind: { isFirst: true, isLast: false, hasNeighbours: true },
  "on both sides": { isFirst: false, isLast: false, hasNeighbours: true },
  unknown: { isFirst: false, isLast: false, hasNeighbours: false },
} satisfies Record<Neighbours, CallerFacts>;

/** A `wrapToolCall` function, which LangChain calls for each tool call. */
type Hook = (...args: never[]) => unknown;

/**
 * Finds out which other middleware is around our hook. LangChain doesn't tell a
 * hook, but treats the error of a tool accordingly: it becomes a message for the
 * model if no middleware wraps tool calls, and otherwise ends the run.
 *
 * We read it from the call stack. LangChain (1.5.14, `dist/agents/utils.js`,
 * `wrapToolCall` and `chainToolCallHandlers`; `dist/agents/nodes/ToolNode.js`,
 * `runTool`) calls a hook synchronously from a wrapper. It calls the wrapper from
 * one line of its code if the hook is the only one, from another line if further
 * hooks follow, and from a third if the hook is the last of several. We don't
 * hard-code these lines. Once per process, small agents of the installed version
 * record them for each arrangement. The answer is `"unknown"` if a stack can't be
 * read, if its lines weren't recorded, or if two arrangements have the same lines.
 *
 * The stack is captured once per step of a graph, and parsed when it is needed.
 */
export class NeighbourWatch {
  readonly #steps = new WeakMap<AbortSignal, HookCaller>();

  /**
   * To be called by the hook itself, before its first `await`.
   *
   * @param signal of the step; LangGraph makes one for each step
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

/** What the call stack above a hook tells about its neighbours. */
export class HookCaller {
  readonly #stack: CapturedStack;
  #neighbours: Neighbours | undefined;

  constructor(hook: Hook) {
    this.#stack = captureStack(hook);
  }

  get neighbours(): Neighbours {
    this.#neighbours ??= neighboursAt(callSiteIn(this.#stack));
    return this.#neighbours;
  }

  /** There is surely no middleware behind the hook: its handler runs the tool. */
  get isLast(): boolean {
    return FACTS[this.neighbours].isLast;
  }

  /** There is surely no middleware in front of the hook. */
  get isFirst(): boolean {
    return FACTS[this.neighbours].isFirst;
  }

  /** There surely is other middleware that wraps tool calls. */
  get hasNeighbours(): boolean {
    return FACTS[this.neighbours].hasNeighbours;
  }
}

/** V8 makes the text when `stack` is first read. */
interface CapturedStack {
  readonly stack?: unknown;
}

const FRAMES = 3;

/** The frames above a hook. */
function captureStack(hook: Hook): CapturedStack {
  const captured: CapturedStack = {};
  const limit = Error.stackTraceLimit;
  // The engine may lack these, or they may be frozen.
  attempt(() => {
    Error.stackTraceLimit = FRAMES;
    Error.captureStackTrace(captured, hook);
  });
  if (Error.stackTraceLimit !== limit) Error.stackTraceLimit = limit;
  return captured;
}

/**
 * File, line and column of each frame. Function names are left out, since they
 * depend on the receiver of a method.
 */
function callSiteIn(captured: CapturedStack): string | undefined {
  const stack = attempt(() => captured.stack);
  if (typeof stack !== "string") return undefined;
  const frames = stack.split("\n").slice(-FRAMES);
  const lines = frames.map((frame) =>
    frame
      .slice(frame.lastIndexOf("(") + 1)
      .replace(/^\s*at (?:async )?|\)$/g, ""),
  );
  return lines.length === FRAMES && lines.every((l) => /:\d+:\d+$/.test(l))
    ? lines.join("\n")
    : undefined;
}

let known: ReadonlyMap<string, Neighbours> | undefined;

function neighboursAt(callSite: string | undefined): Neighbours {
  if (callSite === undefined) return "unknown";
  known ??= attempt(recordCallSites) ?? new Map<string, Neighbours>();
  return known.get(callSite) ?? "unknown";
}

const CALL = { name: "none", args: {}, id: "1", type: "tool_call" } as const;
/** The inputs of an agent's tool node: an AIMessage (v1), or one call (v2). */
const INPUTS = [
  { messages: [new AIMessage({ content: "", tool_calls: [CALL] })] },
  sendInputOf(CALL, { messages: [] }),
];

function recordCallSites(): ReadonlyMap<string, Neighbours> {
  const pass: WrapToolCallHook = (request, handler) => handler(request);
  const [before, after] = [hookOf("before", pass), hookOf("after", pass)];
  const orders: [Neighbours, (own: AgentMiddleware) => AgentMiddleware[]][] = [
    ["none", (own) => [own]],
    ["in front", (own) => [before, own]],
    ["behind", (own) => [own, after]],
    ["on both sides", (own) => [before, own, after]],
  ];
  const callSites = new Map<string, Neighbours>();
  for (const [neighbours, order] of orders) {
    for (const callSite of callSitesOf(order)) {
      const other = callSites.get(callSite) ?? neighbours;
      if (other !== neighbours) return new Map();
      callSites.set(callSite, neighbours);
    }
  }
  return callSites;
}

/** The part of an agent's graph that runs its tools. */
interface AgentGraph {
  readonly nodes: {
    readonly tools: {
      readonly bound: {
        invoke(input: object, config: object): Promise<unknown>;
      };
    };
  };
}

/** The call sites of the hook of `own` in an agent with this middleware. */
function callSitesOf(
  order: (own: AgentMiddleware) => AgentMiddleware[],
): string[] {
  const callSites: string[] = [];
  const own = hookOf("own", function hook({ toolCall }) {
    const callSite = callSiteIn(captureStack(hook));
    if (callSite !== undefined) callSites.push(callSite);
    return new ToolMessage({ content: "", tool_call_id: toolCall.id ?? "" });
  });
  // Only the agent's tool node is run, so no model is called.
  const middleware = order(own);
  const agent = createAgent({ model: "none", tools: [], middleware });
  const { tools } = (agent.graph as unknown as AgentGraph).nodes;
  for (const input of INPUTS) tools.bound.invoke(input, {}).catch(() => {});
  return callSites;
}

function hookOf(name: string, wrapToolCall: WrapToolCallHook): AgentMiddleware {
  return createMiddleware({ name, wrapToolCall }) as AgentMiddleware;
}
