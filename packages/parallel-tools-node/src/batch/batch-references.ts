import { createHash } from "node:crypto";
import type { ToolMessage } from "@langchain/core/messages";
import type { ToolCall } from "@langchain/core/messages/tool";
import { isCommand } from "@langchain/langgraph";
import {
  findsCutOutput,
  findsNoJson,
  findsNoOutput,
  pointsToRemoved,
  standsForTooDeep,
  standsForTooMuch,
} from "../answers/unresolved-reference.js";
import { UnresolvedReferenceError } from "../errors/unresolved-reference-error.js";
import {
  type CallReferences,
  NO_REFERENCES,
  type ReferenceRules,
  referencesOf,
  validFor,
} from "../plan/references/call-references.js";
import { lookUp } from "../plan/references/look-up.js";
import { ParameterTypes } from "../plan/references/parameter-types.js";
import type { Reference } from "../plan/references/reference.js";
import { replaceReferences } from "../plan/references/replace-references.js";
import type { ResolvedPolicy } from "../policy/tool-policy.js";
import type { Outcome } from "../schedule/outcome.js";
import { isCut } from "./cut-output.js";
import { Output } from "./output.js";
import type { Batch } from "./read-batch.js";
import type { Answer } from "./run-tool.js";

/** `undefined`: the call with this index hasn't ended. */
type OutcomeAt = (index: number) => Outcome<Answer> | undefined;

const hasNotEnded: OutcomeAt = () => undefined;

interface BatchReferencesOptions {
  readonly batch: Batch;
  /** By position. */
  readonly policies: readonly ResolvedPolicy[];
  readonly rules: ReferenceRules;
  /** Each message with several calls should have a note of its order. */
  readonly notesOrder: boolean;
  /** The JSON schema of a tool's arguments; `undefined`: it isn't known. */
  readonly schemaOf: (toolName: string) => unknown;
}

/**
 * The references of a batch. They are found when the batch is planned, and are
 * resolved when their call is about to start.
 */
export class BatchReferences {
  /** The references in the message, by position. The plan is made from them. */
  readonly calls: readonly CallReferences[];
  /** The same after arguments were replaced, by position. */
  readonly #current: CallReferences[];
  readonly #args: unknown[];
  readonly #options: BatchReferencesOptions;
  #isOrderKnown: boolean;
  /** Of the calls that are in the batch. */
  readonly #indexes: ReadonlySet<number>;
  /** Outputs that were read, by ordinal, so that each is read once. */
  readonly #outputs = new Map<number, Output>();

  constructor(options: BatchReferencesOptions) {
    const { batch, notesOrder } = options;
    this.#options = options;
    this.#isOrderKnown = isOrderKnown(batch, notesOrder);
    this.#indexes = new Set(batch.indexes);
    this.#args = batch.toolCalls.map(({ args }) => args);
    this.calls = this.#args.map((args, position) =>
      this.#referencesIn(args, position),
    );
    this.#current = [...this.calls];
  }

  /**
   * Replaces the arguments of a call. The plan doesn't know the new references,
   * so the calls that they refer to must already have ended.
   */
  replace(position: number, args: unknown): void {
    this.#args[position] = args;
    this.#current[position] = this.#referencesIn(args, position);
  }

  /** It isn't certain any more which call is which: no reference has a value (R7). */
  loseOrder(): void {
    if (!this.#isOrderKnown) return;
    this.#isOrderKnown = false;
    this.#args.forEach((args, position) => this.replace(position, args));
  }

  hasSome(position: number): boolean {
    return this.#at(position).found.length > 0;
  }

  /**
   * Tells the values of a call's references from others. It is of the arguments as
   * the model wrote them, whatever has replaced them.
   *
   * @param resolved what `resolve` has just given for the call
   * @returns `undefined`: the call has no references, or they have no values
   */
  digest(
    position: number,
    outcomeAt: OutcomeAt,
    resolved?: unknown,
  ): string | undefined {
    const written = this.calls[position] as CallReferences;
    if (written.found.length === 0) return undefined;
    const { args } = this.#options.batch.toolCalls[position] as ToolCall;
    const isResolved = resolved !== undefined && args === this.#args[position];
    try {
      const values = isResolved
        ? resolved
        : this.#replace(args, written, position, outcomeAt);
      // Short, since outputs may be long.
      return createHash("sha256").update(JSON.stringify(values)).digest("hex");
    } catch {
      return undefined;
    }
  }

  /**
   * The arguments of a call with its references resolved. Each value is a copy.
   *
   * @param outcomeAt how another call of the batch has ended, by its index
   * @throws UnresolvedReferenceError
   */
  resolve(position: number, outcomeAt: OutcomeAt): unknown {
    const args = this.#args[position];
    return this.#replace(args, this.#at(position), position, outcomeAt);
  }

  #replace(
    args: unknown,
    { found, problem }: CallReferences,
    position: number,
    outcomeAt: OutcomeAt,
  ): unknown {
    if (problem !== undefined) throw problem;
    const { batch, schemaOf } = this.#options;
    const { name } = batch.toolCalls[position] as ToolCall;
    const parameters = new ParameterTypes(schemaOf(name));
    let bytes = 0;
    const checked = <Value>(reference: Reference, value: Value): Value => {
      bytes += sizeOf(value, reference, this.#options.rules.maxReferenceBytes);
      this.#checkSize(reference, bytes);
      return value;
    };
    const outputFor = (reference: Reference) =>
      this.#outputFor(reference, position, outcomeAt);
    return replaceReferences(args, found, {
      valueOf: (reference, at) => {
        const output = outputFor(reference);
        const value =
          reference.path.length === 0
            ? output.valueFor(parameters.at(at))
            : lookUp(reference, output.data);
        return structuredClone(checked(reference, value));
      },
      textOf: (reference) => {
        const output = outputFor(reference);
        const { path } = reference;
        return checked(
          reference,
          output.textAt(path, () => lookUp(reference, output.data)),
        );
      },
    });
  }

  #outputFor(
    reference: Reference,
    position: number,
    outcomeAt: OutcomeAt,
  ): Output {
    const { ordinal } = reference;
    let output = this.#outputs.get(ordinal);
    if (output === undefined) {
      output = this.#readOutput(reference, position, outcomeAt);
      this.#outputs.set(ordinal, output);
    }
    return output;
  }

  #readOutput(
    { text, ordinal }: Reference,
    position: number,
    outcomeAt: OutcomeAt,
  ): Output {
    const { batch } = this.#options;
    const { message, indexes } = batch;
    const target = ordinal - 1;
    const answer = batch.answers.get(target) ?? outcomeAt(target)?.value;
    if (hasOutput(answer)) return readOutput(answer, text, ordinal);
    const { problem } = message[target]?.isRemoved
      ? pointsToRemoved(ordinal)
      : findsNoOutput(ordinal);
    const valid = validFor(indexes[position] as number, message, (index) =>
      this.#mayHaveOutput(index, outcomeAt),
    );
    throw new UnresolvedReferenceError(text, problem, valid);
  }

  #mayHaveOutput(index: number, outcomeAt: OutcomeAt): boolean {
    const { answers } = this.#options.batch;
    if (answers.has(index)) return hasOutput(answers.get(index));
    const outcome = outcomeAt(index);
    return this.#indexes.has(index) && (!outcome || hasOutput(outcome.value));
  }

  #checkSize({ text }: Reference, bytes: number): void {
    const { maxReferenceBytes } = this.#options.rules;
    if (bytes <= maxReferenceBytes) return;
    const { problem, advice } = standsForTooMuch(maxReferenceBytes, bytes);
    throw new UnresolvedReferenceError(text, problem, [], advice);
  }

  #referencesIn(args: unknown, position: number): CallReferences {
    const { batch, policies, rules } = this.#options;
    if (policies[position]?.references === false) return NO_REFERENCES;
    const { indexes, message, unreadable } = batch;
    return referencesOf(args, indexes[position] as number, message, rules, {
      unreadable,
      isOrderKnown: this.#isOrderKnown,
      mayHaveOutput: (target) => this.#mayHaveOutput(target, hasNotEnded),
    });
  }

  #at(position: number): CallReferences {
    return this.#current[position] as CallReferences;
  }
}

function isOrderKnown(
  { knowledge, message }: Batch,
  notesOrder: boolean,
): boolean {
  switch (knowledge) {
    case "shown":
      return true;
    case "assumed":
      return !notesOrder || message.length < 2;
    case "unknown":
      return false;
  }
}

/** Whether references to a call with this answer have a value. */
function hasOutput(answer: Answer | undefined): answer is ToolMessage {
  return (
    answer !== undefined && !isCommand(answer) && answer.status !== "error"
  );
}

function readOutput(
  answer: ToolMessage,
  text: string,
  ordinal: number,
): Output {
  if (isCut(answer)) {
    const { problem, advice } = findsCutOutput(ordinal);
    throw new UnresolvedReferenceError(text, problem, [], advice);
  }
  try {
    return Output.of(answer);
  } catch (cause) {
    const { problem, advice } = findsNoJson(ordinal);
    throw new UnresolvedReferenceError(text, problem, [], advice, cause);
  }
}

/** Bytes of a text, or of other data as JSON. Above `limit` it's a lower bound. */
function sizeOf(value: unknown, { text }: Reference, limit: number): number {
  try {
    const json = typeof value === "string" ? value : JSON.stringify(value);
    return json.length > limit ? json.length : Buffer.byteLength(json);
  } catch (cause) {
    const { problem, advice } = standsForTooDeep();
    throw new UnresolvedReferenceError(text, problem, [], advice, cause);
  }
}
