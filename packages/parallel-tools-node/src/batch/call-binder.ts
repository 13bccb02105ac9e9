import type { ToolCall } from "@langchain/core/messages/tool";
import type { Circuit } from "../limits/circuit.js";
import type { FeedbackGate } from "../limits/feedback-gate.js";
import type { CallLimits, LimitBook } from "../limits/limit-book.js";
import type { Limit } from "../limits/limit.js";
import type { ResolvedPolicy } from "../policy/tool-policy.js";
import type { BoundCall } from "../schedule/scheduled-call.js";
import type { BatchReferences } from "./batch-references.js";
import type { Batch } from "./read-batch.js";
import type { Answer } from "./run-tool.js";

export interface BinderOptions {
  readonly batch: Batch;
  /** By position. */
  readonly policies: readonly ResolvedPolicy[];
  readonly references: BatchReferences | undefined;
  readonly limits: LimitBook;
  /** Adds the limits of this one batch, if it has some. */
  readonly withBatchLimits:
    | ((limits: readonly Limit[]) => readonly Limit[])
    | undefined;
}

/** Knows what each call of a batch runs with: its arguments and its limits. */
export class CallBinder {
  readonly #options: BinderOptions;
  readonly #bound: CallLimits[] = [];
  /** Calls that have other arguments than in their message. */
  readonly #changed = new Map<number, ToolCall>();

  constructor(options: BinderOptions) {
    this.#options = options;
  }

  /** With the arguments that the tool is to see, as far as they are known. */
  toolCall(position: number): ToolCall {
    return (
      this.#changed.get(position) ??
      (this.#options.batch.toolCalls[position] as ToolCall)
    );
  }

  /** Of the servers behind the call, once it is bound. */
  gatesOf(position: number): readonly FeedbackGate[] {
    return this.#bound[position]?.gates ?? [];
  }

  /** Of the resources of the call, once it is bound. */
  circuitsOf(position: number): readonly Circuit[] {
    return this.#bound[position]?.circuits ?? [];
  }

  /** Whether the call can't be bound before others have ended. */
  needsOutputs(position: number): boolean {
    return this.#options.references?.hasSome(position) === true;
  }

  /** Someone may have changed the call since its message was read. */
  replace(position: number, toolCall: ToolCall): void {
    const { args } = this.toolCall(position);
    if (toolCall.args === args) return;
    this.#changed.set(position, toolCall);
    this.#options.references?.replace(position, toolCall.args);
  }

  /** @throws PolicyFunctionError */
  bind(position: number): BoundCall {
    const { policies, limits, withBatchLimits } = this.#options;
    const { name, args } = this.toolCall(position);
    const bound = limits.of(name, policies[position] as ResolvedPolicy, args);
    this.#bound[position] = bound;
    const all = withBatchLimits?.(bound.limits) ?? bound.limits;
    return { limits: all, cost: bound.cost };
  }

  /**
   * As `bind`, after its references have been resolved.
   *
   * @throws PolicyFunctionError
   * @throws UnresolvedReferenceError
   */
  bindLate(
    position: number,
    answerAt: (index: number) => Answer | undefined,
  ): BoundCall {
    const args = this.#options.references?.resolve(position, answerAt);
    const call = this.toolCall(position);
    this.#changed.set(position, { ...call, args: args as ToolCall["args"] });
    return this.bind(position);
  }
}
