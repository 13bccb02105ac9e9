import type { ToolMessage } from "@langchain/core/messages";
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
import type { Reference } from "../plan/references/reference.js";
import { replaceReferences } from "../plan/references/replace-references.js";
import type { ResolvedPolicy } from "../policy/tool-policy.js";
import { isCut } from "./cut-output.js";
import { outputOf } from "./output-of.js";
import type { Batch } from "./read-batch.js";
import type { Answer } from "./run-tool.js";

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
  readonly #policies: readonly ResolvedPolicy[];
  readonly #batch: Batch;
  readonly #rules: ReferenceRules;
  readonly #isOrderKnown: boolean;
  /** Outputs that were read, by ordinal, so that each is read once. */
  readonly #outputs = new Map<number, unknown>();

  /** @param notesOrder each message with several calls should have a note */
  constructor(
    batch: Batch,
    policies: readonly ResolvedPolicy[],
    rules: ReferenceRules,
    notesOrder: boolean,
  ) {
    this.#isOrderKnown = isOrderKnown(batch, notesOrder);
    this.#batch = batch;
    this.#rules = rules;
    this.#policies = policies;
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

  hasSome(position: number): boolean {
    return this.#at(position).found.length > 0;
  }

  /**
   * The arguments of a call with its references resolved. Each value is a copy.
   *
   * @param answerAt the answer to another call of the batch, by its index
   * @throws UnresolvedReferenceError
   */
  resolve(
    position: number,
    answerAt: (index: number) => Answer | undefined,
  ): unknown {
    const { found, problem } = this.#at(position);
    if (problem !== undefined) throw problem;
    let bytes = 0;
    return replaceReferences(this.#args[position], found, (reference) => {
      const { ordinal } = reference;
      if (!this.#outputs.has(ordinal)) {
        this.#outputs.set(ordinal, this.#output(reference, position, answerAt));
      }
      const value = lookUp(reference, this.#outputs.get(ordinal));
      bytes += sizeOf(value, reference, this.#rules.maxReferenceBytes);
      this.#checkSize(reference, bytes);
      return structuredClone(value);
    });
  }

  #output(
    { text, ordinal }: Reference,
    position: number,
    answerAt: (index: number) => Answer | undefined,
  ): unknown {
    const { message, indexes } = this.#batch;
    const target = ordinal - 1;
    const answer = this.#batch.answers.get(target) ?? answerAt(target);
    if (answer !== undefined && !isCommand(answer)) {
      if (answer.status !== "error") return readOutput(answer, text, ordinal);
    }
    const index = indexes[position] as number;
    const { problem } = message[target]?.isRemoved
      ? pointsToRemoved(ordinal)
      : findsNoOutput(ordinal);
    const valid = validFor(index, message, target);
    throw new UnresolvedReferenceError(text, problem, valid);
  }

  #checkSize({ text }: Reference, bytes: number): void {
    const { maxReferenceBytes } = this.#rules;
    if (bytes <= maxReferenceBytes) return;
    const { problem, advice } = standsForTooMuch(maxReferenceBytes, bytes);
    throw new UnresolvedReferenceError(text, problem, [], advice);
  }

  #referencesIn(args: unknown, position: number): CallReferences {
    const { indexes, message, unreadable } = this.#batch;
    const index = indexes[position] as number;
    return this.#policies[position]?.references === false
      ? NO_REFERENCES
      : referencesOf(
          args,
          index,
          message,
          this.#rules,
          unreadable,
          this.#isOrderKnown,
        );
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

function readOutput(
  answer: ToolMessage,
  text: string,
  ordinal: number,
): unknown {
  if (isCut(answer)) {
    const { problem, advice } = findsCutOutput(ordinal);
    throw new UnresolvedReferenceError(text, problem, [], advice);
  }
  try {
    return outputOf(answer);
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
