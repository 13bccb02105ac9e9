import { AsyncResource } from "node:async_hooks";
import { isCommand } from "@langchain/langgraph";
import {
  changesPlan,
  changesState,
  codeEnded,
  comesAfter,
  isForModelAlone,
  onlyDirectly,
  stoppedInCode,
  tooManyFromCode,
} from "../answers/from-code.js";
import { tooDeep } from "../answers/not-run.js";
import type { BatchHost } from "../batch/batch-host.js";
import { BatchRun } from "../batch/batch-run.js";
import { BatchWatch, callEndOf } from "../batch/batch-watch.js";
import { executionModeOf } from "../batch/execution-mode.js";
import { batchOf } from "../batch/read-batch.js";
import type { Answer } from "../batch/run-tool.js";
import { attempt } from "../limits/feedback/attempt.js";
import type { PlannedCall } from "../plan/batch-plan.js";
import type { ResolvedPolicy } from "../policy/tool-policy.js";
import type { Outcome } from "../schedule/outcome.js";
import type { CallScope } from "../scope/call-scope.js";
import type { CalledTool } from "./called-tool.js";
import { type CodeCall, CodePlan } from "./code-plan.js";
import { ToldCall } from "./told-call.js";

/** More calls than any honest code makes. Further ones are not even recorded. */
const MOST_CALLS = 10_000;

/** How a call ended, as its code learns it. */
type Result = { readonly value: unknown } | { readonly error: unknown };

/**
 * The calls of one piece of code: those that are made inside of one attempt of a call.
 * Each is a batch of its own, which begins when those of the code have ended that it has
 * to come after.
 */
export class CodeBatch {
  readonly #host: BatchHost;
  readonly #isWatched: boolean;
  readonly #scope: CallScope | undefined;
  readonly #plan = new CodePlan();
  readonly #controller = new AbortController();
  /** What each call gets. */
  readonly #args: unknown[] = [];
  readonly #results: Promise<Result>[] = [];
  /** What to do when a call has ended. */
  readonly #onEnd = new Map<number, (() => void)[]>();
  #watch: BatchWatch | undefined;

  /** @param scope the attempt, if it is known */
  constructor(host: BatchHost, scope: CallScope | undefined) {
    this.#host = hostFor(host);
    this.#isWatched = host.isWatched;
    this.#scope = scope;
  }

  /** Makes a call. Resolves when it has ended. */
  async run(called: CalledTool): Promise<Result> {
    try {
      return await this.#run(called);
    } catch (error) {
      return { error };
    }
  }

  async #run(called: CalledTool): Promise<Result> {
    const { signal } = called.config;
    if (signal?.aborted) return { error: signal.reason };
    const ordinal = this.#plan.calls.length + 1;
    if (ordinal > MOST_CALLS)
      return failed(tooManyFromCode(ordinal, MOST_CALLS));
    const policy = this.#host.policies.of(called.tool.name);
    const why = this.#whyRefused(called.tool.name, ordinal, policy);
    const planned = this.#plan.add(this.#asPlanned(called, policy, why));
    const { index, sameAs } = planned;
    this.#args.push(called.toolCall.args);
    this.#tell(called, planned);
    if (why !== undefined) {
      this.#ended(index, { status: "refused" });
      return failed(why);
    }
    const result =
      sameAs === undefined
        ? this.#runInOrder(called, planned)
        : this.#share(planned, this.#results[sameAs]!);
    this.#results[index] = result;
    return result;
  }

  /** Ends all calls. Resolves when they have ended, and sends the report. */
  async end(): Promise<void> {
    this.#controller.abort(
      new DOMException("The code has ended.", "AbortError"),
    );
    await Promise.all(this.#results);
    this.#watch?.end();
  }

  #whyRefused(
    name: string,
    ordinal: number,
    { callers, after, sequential }: ResolvedPolicy,
  ): string | undefined {
    const { maxCalls } = this.#host;
    const around = this.#scope?.rules;
    const depth = (around?.depth ?? 0) + 1;
    const maxDepth = Math.min(this.#host.maxDepth, around?.maxDepth ?? depth);
    if (depth > maxDepth) return tooDeep(depth, maxDepth);
    if (ordinal > maxCalls) return tooManyFromCode(ordinal, maxCalls);
    if (!callers.includes("code")) return onlyDirectly(name, isForModelAlone());
    if (after.length > 0) return onlyDirectly(name, comesAfter(after));
    return sequential === "replan"
      ? onlyDirectly(name, changesPlan())
      : undefined;
  }

  #asPlanned(
    { tool: { name }, toolCall, config }: CalledTool,
    policy: ResolvedPolicy,
    why: string | undefined,
  ): CodeCall {
    const { id, args } = toolCall;
    const call = { id, name, args, accesses: [] };
    if (why !== undefined) {
      return { ...call, hidesKeys: true, isAlone: false, isShared: false };
    }
    const { access } = policy;
    const { sequential, reportsArguments } = this.#host;
    const mode = executionModeOf(sequential, batchOf([toolCall]), config);
    const isMadeOfArgs = typeof access === "function";
    // If it throws, the call can't be bound, either, and says why.
    const accesses = isMadeOfArgs ? attempt(() => access(args)) : access;
    return {
      ...call,
      accesses: accesses ?? [],
      hidesKeys: isMadeOfArgs && !reportsArguments,
      isAlone: policy.sequential !== false || mode !== "parallel",
      isShared: policy.dedupe,
    };
  }

  #tell({ config }: CalledTool, planned: PlannedCall): void {
    if (!this.#isWatched) return;
    if (this.#watch !== undefined) {
      this.#watch.add(planned);
      return;
    }
    this.#watch = new BatchWatch({
      plan: this.#plan,
      host: this.#host,
      kind: "code",
      writer: config.writer ?? config.configurable?.["writer"],
      inside: this.#scope?.place,
      argsAt: (position) => this.#args[position],
      endOf: callEndOf,
    });
  }

  #ended(position: number, outcome: Outcome<unknown>): void {
    this.#watch?.observer?.onEnd(position, this.#host.clock.now(), outcome);
    this.#goOnAfter(position);
  }

  #goOnAfter(position: number): void {
    this.#plan.end(position);
    const following = this.#onEnd.get(position) ?? [];
    this.#onEnd.delete(position);
    for (const begin of following) begin();
  }

  async #share(
    { index }: PlannedCall,
    shared: Promise<Result>,
  ): Promise<Result> {
    const result = await shared;
    this.#ended(index, { status: "error" in result ? "error" : "ok" });
    return result;
  }

  /** Begins a call in the turn in which the last one ends that it comes after. */
  #runInOrder(called: CalledTool, planned: PlannedCall): Promise<Result> {
    let open = planned.dependsOn.length;
    if (open === 0) return this.#runCall(called, planned);
    const context = new AsyncResource("parallel-tools-node");
    return new Promise((resolve) => {
      const onEnd = () => {
        open -= 1;
        if (open > 0) return;
        const begin = () => this.#runCall(called, planned);
        resolve(context.runInAsyncScope(begin));
      };
      for (const { index } of planned.dependsOn) {
        const others = this.#onEnd.get(index);
        if (others === undefined) this.#onEnd.set(index, [onEnd]);
        else others.push(onEnd);
      }
    });
  }

  async #runCall(called: CalledTool, { index }: PlannedCall): Promise<Result> {
    const { toolCall, config } = called;
    const { maxConcurrency } = config;
    const context = new AsyncResource("parallel-tools-node");
    const ofCode = this.#controller.signal;
    const signal = config.signal
      ? AbortSignal.any([config.signal, ofCode])
      : ofCode;
    let run: BatchRun;
    try {
      run = new BatchRun({
        batch: batchOf([toolCall]),
        config: { signal },
        host: this.#host,
        caller: "code",
        maxConcurrency,
        watch: new ToldCall(this.#watch, index, () => this.#goOnAfter(index)),
        execute: (_, call, ofCall) => called.run(call, ofCall),
        inOwnContext: (_, start) => context.runInAsyncScope(start),
      });
    } catch (error) {
      this.#ended(index, { status: "error", error });
      return { error };
    }
    const [outcome] = await run.outcomes();
    run.close();
    return resultOf(called, outcome!, signal);
  }
}

/** What is said of whole messages doesn't hold for code. */
function hostFor(host: BatchHost): BatchHost {
  return {
    ...host,
    // Errors of tools are thrown, since that is how `execute` of the code's calls ends.
    handlesErrors: () => true,
    batchTimeoutMs: undefined,
    // What a tool does that ignores the end of the code is no longer waited for.
    drainMs: 0,
    references: undefined,
    durability: undefined,
    early: undefined,
    // The next call of the code waits for what its watch tells.
    isWatched: true,
  };
}

function resultOf(
  called: CalledTool,
  outcome: Outcome<Answer>,
  { reason }: AbortSignal,
): Result {
  const { name } = called.tool;
  const { status, value } = outcome;
  if ("error" in outcome) return { error: outcome.error };
  if (status === "interrupted") return failed(stoppedInCode(name));
  if (value === undefined)
    return { error: reason ?? new Error(codeEnded(name)) };
  if (isCommand(value)) return failed(changesState(name));
  const given = called.outputOf(value);
  return given ? { value: given.output } : failed(value.text);
}

function failed(text: string): Result {
  return { error: new Error(text) };
}
