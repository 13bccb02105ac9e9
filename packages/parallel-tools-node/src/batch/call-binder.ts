import type { ToolCall } from "@langchain/core/messages/tool";
import type { Circuit } from "../limits/circuit.js";
import type { FeedbackGate } from "../limits/feedback-gate.js";
import type { KeyLocks } from "../limits/key-locks.js";
import type { CallLimits, LimitBook } from "../limits/limit-book.js";
import type { Limit } from "../limits/limit.js";
import type { PlannedAccesses } from "../plan/plan-calls.js";
import type { Access } from "../policy/access.js";
import type { ResolvedPolicy } from "../policy/tool-policy.js";
import type { Outcome } from "../schedule/outcome.js";
import type { BoundCall } from "../schedule/scheduled-call.js";
import type { BatchReferences } from "./batch-references.js";
import type { Batch } from "./read-batch.js";
import type { Answer } from "./run-tool.js";

interface CallBinderOptions {
  readonly batch: Batch;
  /** By position. */
  readonly policies: readonly ResolvedPolicy[];
  readonly references: BatchReferences | undefined;
  readonly limits: LimitBook;
  /** Answers are kept, with what tells their calls from others. */
  readonly isKept: boolean;
  /** Limits that each call of the batch has beside its own. */
  readonly batchLimits: readonly Limit[];
  /** `undefined`: nothing runs inside of the calls that could use their state. */
  readonly locks: KeyLocks | undefined;
  /** The calls of several pieces of code: one that is sequential runs alone. */
  readonly keepsApart?: boolean;
  /** By position: the state of each call, if the plan knew it. */
  readonly accesses: PlannedAccesses;
}

/** What a call writes that runs alone, and all others read. */
const ALONE = "\u0000alone";

const NO_ACCESSES: readonly Access[] = Object.freeze([]);

type AddLimits = (limits: readonly Limit[]) => readonly Limit[];

/** Knows the arguments and the limits with which each call of a batch runs. */
export class CallBinder {
  readonly #options: CallBinderOptions;
  readonly #addBatchLimits: AddLimits | undefined;
  readonly #bound: CallLimits[] = [];
  /** Which values the references of each call have, by position. */
  readonly #given: (string | undefined)[] = [];
  /** Calls whose arguments are not those of the message, by position. */
  readonly #changed = new Map<number, ToolCall>();

  constructor(options: CallBinderOptions) {
    const { batchLimits } = options;
    this.#options = options;
    if (batchLimits.length > 0) {
      this.#addBatchLimits = addBatchLimits(batchLimits);
    }
  }

  /** The call with its current arguments. References are resolved by `bindLate`. */
  toolCall(position: number): ToolCall {
    return (
      this.#changed.get(position) ??
      (this.#options.batch.toolCalls[position] as ToolCall)
    );
  }

  /** Which values the call's references have, if its answer is kept. */
  given(position: number): string | undefined {
    return this.#given[position];
  }

  /** The gates of the servers that the call uses. Empty before it is bound. */
  gatesOf(position: number): readonly FeedbackGate[] {
    return this.#bound[position]?.gates ?? [];
  }

  /** The circuits of the call's resources. Empty before it is bound. */
  circuitsOf(position: number): readonly Circuit[] {
    return this.#bound[position]?.circuits ?? [];
  }

  /** Whether the call has references, so that `bindLate` has to bind it. */
  needsOutputs(position: number): boolean {
    return this.#options.references?.hasSome(position) === true;
  }

  /** Other middleware may have changed the arguments since the message was read. */
  replace(position: number, toolCall: ToolCall): void {
    const { args } = this.toolCall(position);
    if (toolCall.args === args) return;
    this.#changed.set(position, toolCall);
    this.#options.references?.replace(position, toolCall.args);
  }

  /** @throws PolicyFunctionError */
  bind(position: number): BoundCall {
    const { policies, limits } = this.#options;
    const { name, args } = this.toolCall(position);
    const policy = policies[position] as ResolvedPolicy;
    const bound = limits.of(name, policy, args);
    this.#bound[position] = bound;
    const all = this.#addBatchLimits?.(bound.limits) ?? bound.limits;
    const accesses = this.#accessesOf(position, policy, args);
    const locks =
      accesses.length > 0 ? (this.#options.locks?.of(accesses) ?? []) : [];
    return {
      limits: locks.length === 0 ? all : [...locks, ...all],
      cost: bound.cost,
      timeoutMs: policy.timeoutMs,
    };
  }

  /** @throws PolicyFunctionError */
  #accessesOf(
    position: number,
    { access, sequential }: ResolvedPolicy,
    args: unknown,
  ): readonly Access[] {
    const { locks, accesses, keepsApart } = this.#options;
    if (locks === undefined) return NO_ACCESSES;
    const known = this.#changed.has(position) ? undefined : accesses[position];
    const own = typeof access === "function" ? (known ?? access(args)) : access;
    if (!keepsApart) return own;
    return [...own, { key: ALONE, mode: sequential ? "write" : "read" }];
  }

  /**
   * Resolves the references of a call, then binds it.
   *
   * @throws PolicyFunctionError
   * @throws UnresolvedReferenceError
   */
  bindLate(
    position: number,
    outcomeAt: (index: number) => Outcome<Answer> | undefined,
  ): BoundCall {
    const { references } = this.#options;
    const args = references?.resolve(position, outcomeAt);
    if (this.#options.isKept) {
      this.#given[position] = references?.digest(position, outcomeAt, args);
    }
    const call = this.toolCall(position);
    this.#changed.set(position, { ...call, args: args as ToolCall["args"] });
    return this.bind(position);
  }
}

/** The same array of limits always gives the same result array. */
function addBatchLimits(own: readonly Limit[]): AddLimits {
  const known = new Map<readonly Limit[], readonly Limit[]>();
  return (limits) => {
    let all = known.get(limits);
    if (all === undefined) {
      // Limits that are kept elsewhere must stay last.
      all = [...own, ...limits];
      known.set(limits, all);
    }
    return all;
  };
}
