/** Who runs the calls of a message. */
export const HOST_KINDS = [
  "graph",
  "react v1",
  "react v2",
  "agent v1",
  "agent v2",
] as const;
export type HostKind = (typeof HOST_KINDS)[number];

/** Where checkpoints are kept. `create-saver.ts` knows how. */
export type SaverKind = "memory";

export interface HostDraw {
  readonly kind: HostKind;
  /** A node of an outer graph, which has the checkpointer. */
  readonly isSubgraph: boolean;
  readonly isDurable: boolean;
  readonly durability: "sync" | "async" | "exit";
  readonly saver: SaverKind;
  /** Graph, node and middleware are made anew for each run of the thread. */
  readonly isNewEachRun: boolean;
  /** Other middleware, which passes calls on after random delays. */
  readonly delaysInFront: boolean;
  readonly delaysBehind: boolean;
}

export interface OptionsDraw {
  /** No option at all, and no policies: the one-line change. */
  readonly areLeftOut: boolean;
  readonly references: boolean;
  readonly sequential: boolean | "replan";
  /** Who says so: the option, a function of the batch, or the invocation. */
  readonly sequentialBy: "option" | "function" | "invocation";
  readonly maxConcurrency: number | undefined;
}

export interface RetryDraw {
  readonly maxAttempts: number;
  readonly initialInterval: number;
}

export interface ToolDraw {
  readonly name: string;
  /** Without one, all that follows says nothing. */
  readonly hasPolicy: boolean;
  readonly access: "none" | "read" | "write";
  readonly sequential: boolean | "replan";
  readonly after: readonly string[];
  readonly dedupe: boolean;
  readonly promise: "none" | "readOnly" | "idempotent";
  readonly retry: "unsaid" | false | RetryDraw;
  readonly timeoutMs: number | undefined;
}

/** What a call does, one after the other, whenever it is run. */
export type Step =
  | { readonly do: "effect" }
  | { readonly do: "pause" }
  /** `endsOnNo`: a no ends the call, which then did not do the rest. */
  | { readonly do: "ask"; readonly endsOnNo: boolean }
  /** The first `times` executions that come here fail. */
  | {
      readonly do: "fail";
      readonly how: "throw" | "429" | "hang";
      readonly times: number;
    };

/** `times` of a call that never works. */
export const ALWAYS = 99;

export interface ReferenceDraw {
  /** The index of the call that it names. */
  readonly to: number;
  readonly path: "" | ".call" | ".got" | ".got[0]" | ".nothing";
  /** `$1.call`, `${1.call}`, `$1.output.call` */
  readonly form: "plain" | "braces" | "output";
}

export interface CallDraw {
  readonly id: string;
  readonly tool: string;
  /** Of the state that it touches, if its tool has accesses. */
  readonly key: string;
  readonly reference: ReferenceDraw | undefined;
  /** An argument that looks like a reference, and names no call. */
  readonly amount: string | undefined;
  /** The index of an earlier call which is this one again: they run once. */
  readonly sameAs: number | undefined;
  readonly script: readonly Step[];
  readonly answersWith: "text" | "command";
}

/** How a human goes on with a thread that waits. */
export const FORMS = [
  /** A value without an id: for all that is shown. */
  "plain",
  /** Values by id: of one, of some, of all that are shown. */
  "one",
  "some",
  "all",
  /** By the id of no question. */
  "wrong",
  /** By the id of no question, and of one that is shown. */
  "mixed",
  /** By the id of a question that was answered before. */
  "old",
  /** What was sent last, once more. */
  "twice",
  /** `invoke(null)` */
  "null",
] as const;
export type Form = (typeof FORMS)[number];

export interface HumanDraw {
  readonly seed: number;
  /** Those that this human uses. One of them goes on with the thread. */
  readonly forms: readonly Form[];
  /** No plain answer has the value of one before. */
  readonly saysNothingTwice: boolean;
}

/** One draw of everything. Plain data, so that it can be printed and shrunk. */
export interface World {
  readonly seed: number;
  readonly number: number;
  readonly host: HostDraw;
  readonly options: OptionsDraw;
  readonly tools: readonly ToolDraw[];
  readonly calls: readonly CallDraw[];
  readonly human: HumanDraw;
}

/** The tool of a call. */
export function toolOf(world: World, index: number): ToolDraw {
  const name = world.calls[index]?.tool;
  return world.tools.find((tool) => tool.name === name) as ToolDraw;
}

/** The call whose script a call runs: its own, or that which it repeats. */
export function leaderOf(world: World, index: number): number {
  return world.calls[index]?.sameAs ?? index;
}

/** The name of a call's question, unique in its world. */
export function questionOf(index: number, count: number): string {
  return `call ${index + 1}, question ${count + 1}`;
}

/** Whether each call is a task of the graph, which keeps its answer. */
export function areTasks({ kind, isDurable }: HostDraw): boolean {
  return isDurable || kind === "react v2" || kind === "agent v2";
}

export function isAgent({ kind }: HostDraw): boolean {
  return kind === "agent v1" || kind === "agent v2";
}

/** Whether an answer means no. */
export function isNo(answer: unknown): boolean {
  if (typeof answer === "string") return answer.startsWith("no");
  if (typeof answer === "object" && answer !== null) {
    return (answer as { approve?: unknown }).approve === false;
  }
  return answer === false;
}
