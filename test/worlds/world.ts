/** Who runs the calls of a message. */
export const HOST_KINDS = [
  "graph",
  "react v1",
  "react v2",
  "agent v1",
  "agent v2",
] as const;
export type HostKind = (typeof HOST_KINDS)[number];

/** Where other middleware stands: before ours or after it. */
export type Place = "nowhere" | "front" | "behind";

export interface HostDraw {
  readonly kind: HostKind;
  /** A node of an outer graph, which has the checkpointer. */
  readonly isSubgraph: boolean;
  readonly isDurable: boolean;
  readonly durability: "sync" | "async" | "exit";
  /** Graph, node and middleware are made anew for each run of the thread. */
  readonly isNewEachRun: boolean;
  /** Other middleware, which passes calls on after random delays. */
  readonly delaysInFront: boolean;
  readonly delaysBehind: boolean;
  /** Middleware that catches an error and runs the call again. */
  readonly retries: Place;
  /** Middleware that answers some calls itself, and runs none of them. */
  readonly answers: Place;
  /** Where `humanInTheLoopMiddleware` stands. It asks before any call is run. */
  readonly reviews: Place;
}

export interface OptionsDraw {
  /** No option at all, and no policies: the one-line change. */
  readonly areLeftOut: boolean;
  readonly references: boolean;
  readonly sequential: boolean | "replan";
  /** Who says so: the option, a function of the batch, or the invocation. */
  readonly sequentialBy: "option" | "function" | "invocation";
  readonly maxConcurrency: number | undefined;
  /** The model streams, and calls of tools that are `readOnly` start meanwhile. */
  readonly eager: boolean;
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
  /** A human decides about its calls, where the host has such a middleware. */
  readonly isReviewed: boolean;
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
  /** Other calls may have it, of the same turn or of others. */
  readonly id: string | undefined;
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
  /** Other middleware answers it. */
  readonly isAnswered: boolean;
}

/** One message of the model, with its calls. */
export interface TurnDraw {
  readonly calls: readonly CallDraw[];
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

/** What a user changes in the state of a thread that waits. */
export const EDITS = [
  /** The arguments of a call that has not ended, or of one that has. */
  "open call",
  "finished call",
  /** An answer to a call, in place of the tool's. */
  "answer",
  /** The message that the thread began with. */
  "message",
  /** A call is taken out of the message. */
  "removal",
] as const;
export type Edit = (typeof EDITS)[number];

/** How a user goes on from a checkpoint that has been left behind. */
export const FORKS = [
  /** `invoke(null)` */
  "null",
  /** An answer to what was shown there. */
  "plain",
  "by id",
  /** `updateState` with other arguments, then `invoke(null)`. */
  "edit",
] as const;
export type Fork = (typeof FORKS)[number];

export interface HumanDraw {
  readonly seed: number;
  /** One at a pause each, at the earliest. */
  readonly edits: readonly Edit[];
  /** When the thread has ended, one after the other. */
  readonly forks: readonly Fork[];
  /** Those that this human uses. One of them goes on with the thread. */
  readonly forms: readonly Form[];
  /** No plain answer has the value of one before. */
  readonly saysNothingTwice: boolean;
  /** Decisions about calls are given by the ids of their reviews. */
  readonly decidesById: boolean;
}

/** One draw of everything. Plain data, so that it can be printed and shrunk. */
export interface World {
  readonly seed: number;
  readonly number: number;
  readonly host: HostDraw;
  readonly options: OptionsDraw;
  readonly tools: readonly ToolDraw[];
  readonly turns: readonly TurnDraw[];
  readonly human: HumanDraw;
}

/** Why a call of a message is not run, though its turn has come. */
export type Absence =
  /** A user has taken it out of the message. */
  | { readonly is: "removed" }
  /** A user has answered it. */
  | { readonly is: "answered by hand"; readonly content: string }
  /** A human has said no to it, before it was run. */
  | { readonly is: "rejected"; readonly content: string }
  /** It never comes to us: other middleware has answered it. */
  | { readonly is: "answered in front" }
  /** The host does not run it: `never-run.ts` says which and why. */
  | { readonly is: "never run" };

/** One message of a world, as it now stands. */
export interface Turn extends Omit<World, "turns" | "human">, TurnDraw {
  /** From 0. */
  readonly place: number;
  /** By index: the number of the last edit of its arguments. */
  readonly edits: ReadonlyMap<number, number>;
  readonly absent: ReadonlyMap<number, Absence>;
  /** The calls in another order than the model's, if the host has changed it. */
  readonly shuffled?: readonly number[] | undefined;
}

export function turnOf(world: World, place: number): Turn {
  const { turns, human: _, ...rest } = world;
  const calls = turns[place]?.calls ?? [];
  const absent = new Map<number, Absence>(
    calls.flatMap(({ isAnswered }, index) =>
      isAnswered && world.host.answers === "front"
        ? [[index, { is: "answered in front" }]]
        : [],
    ),
  );
  return { ...rest, place, calls, edits: new Map(), absent };
}

/** Whether other middleware answers a call in place of its tool. */
export function isSubstituted({ host, calls }: Turn, index: number): boolean {
  return host.answers === "behind" && calls[index]?.isAnswered === true;
}

/** Whether a call runs for others, or another runs for it. */
export function isShared(
  { calls }: Pick<Turn, "calls">,
  index: number,
): boolean {
  return calls.some(
    ({ sameAs }, other) =>
      sameAs !== undefined && (other === index || sameAs === index),
  );
}

/** The tool of a call. */
export function toolOf(
  { calls, tools }: Pick<Turn, "calls" | "tools">,
  index: number,
): ToolDraw {
  const name = calls[index]?.tool;
  return tools.find((tool) => tool.name === name) as ToolDraw;
}

/** The call whose script a call runs: its own, or that which it repeats. */
export function leaderOf(
  { calls }: Pick<Turn, "calls">,
  index: number,
): number {
  return calls[index]?.sameAs ?? index;
}

/** Whether the answer of a call that has ended is kept. */
export function keepsAnswers({ kind, isDurable }: HostDraw): boolean {
  return isDurable || kind === "react v2" || kind === "agent v2";
}

/**
 * Whether each call is a task of the graph, and its question has an id of its own.
 * Else one question surfaces at a time (R1).
 */
export function asksTogether({ kind, isDurable }: HostDraw): boolean {
  return isDurable || kind === "react v2" || kind === "agent v2";
}

/** R13: whether calls of a tool may start while their message is being written. */
export function mayStartEarly(
  { host, options }: Pick<World, "host" | "options">,
  { hasPolicy, promise, isReviewed }: ToolDraw,
): boolean {
  const needsApproval = host.reviews !== "nowhere" && isReviewed;
  return options.eager && hasPolicy && promise === "readOnly" && !needsApproval;
}

/** Whether calls of some tool may start early. */
export function callsStartEarly(world: World): boolean {
  return world.tools.some((tool) => mayStartEarly(world, tool));
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
