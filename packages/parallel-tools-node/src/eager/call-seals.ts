import { AIMessageChunk } from "@langchain/core/messages";
import type { ToolCall, ToolCallChunk } from "@langchain/core/messages/tool";
import type { WrittenCalls } from "../langgraph/writing-handler.js";

/** What is told of the calls of a message while it is being written. */
export interface SealListener {
  /** The next call of the message is complete. */
  onSeal(call: ToolCall): void;
  /** The order or the text of the calls isn't certain: nothing more is told. */
  onConfusion(): void;
}

/** What a call is known by until it is complete. */
type Key = number | string;

/**
 * Finds the calls of a message that are complete while others are still being written.
 * A call is sealed when the next one begins, or when the model says so; never since its
 * arguments can be parsed. The last call is mostly sealed by the end of the message, and
 * then it is too late for it to be of use.
 *
 * LangChain puts the pieces of each call together, so that a sealed call is what it will
 * be in the message.
 */
export class CallSeals implements WrittenCalls {
  readonly #listener: SealListener;
  readonly #sealed = new Set<Key>();
  /** The call that is being written. */
  #current: { readonly key: Key; readonly pieces: ToolCallChunk[] } | undefined;
  /** Some piece of a call has come. */
  hasHeard = false;
  #isOver = false;
  #unnamed = 0;

  constructor(listener: SealListener) {
    this.#listener = listener;
  }

  /** Pieces of calls, as a chunk of a message has them. */
  addPieces(pieces: readonly ToolCallChunk[]): void {
    this.hasHeard = true;
    for (const piece of pieces) this.#add(piece);
  }

  /** A finished block, as a stream of events has it. */
  addFinished(index: number, content: unknown): void {
    if (this.#isOver || this.#sealed.has(index)) return;
    const { type, id, name, args } = (content ?? {}) as Partial<ToolCall>;
    const isCurrent = this.#current?.key === index;
    if (!isCurrent && !isCallType(type)) return;
    this.hasHeard = true;
    if (!isCurrent && this.#current !== undefined) this.#sealCurrent();
    if (type !== "tool_call" || typeof name !== "string" || !isArgs(args)) {
      this.#confuse();
      return;
    }
    this.#current = undefined;
    this.#sealed.add(index);
    const call: ToolCall = { name, args, type: "tool_call" };
    this.#listener.onSeal(id === undefined ? call : { ...call, id });
  }

  #add(piece: ToolCallChunk): void {
    if (this.#isOver) return;
    const key = piece.index ?? piece.id ?? `unnamed ${(this.#unnamed += 1)}`;
    if (key === this.#current?.key) {
      this.#current.pieces.push(piece);
      return;
    }
    if (this.#current !== undefined) this.#sealCurrent();
    // Something is added to a call that was complete, or stands before it in the end.
    if (this.#sealed.has(key) || this.#isBefore(key)) this.#confuse();
    else this.#current = { key, pieces: [piece] };
  }

  /** Of events, LangChain makes a message whose calls are in the order of their indexes. */
  #isBefore(key: Key): boolean {
    if (typeof key !== "number") return false;
    return [...this.#sealed].some(
      (one) => typeof one === "number" && one > key,
    );
  }

  #sealCurrent(): void {
    const { key, pieces } = this.#current!;
    this.#current = undefined;
    this.#sealed.add(key);
    const call = callOf(pieces);
    if (call === undefined) this.#confuse();
    else this.#listener.onSeal(call);
  }

  #confuse(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#listener.onConfusion();
  }
}

/** The one call that LangChain makes of these pieces. */
function callOf(pieces: readonly ToolCallChunk[]): ToolCall | undefined {
  try {
    const message = pieces
      .map(
        (piece) =>
          new AIMessageChunk({ content: "", tool_call_chunks: [piece] }),
      )
      .reduce((all, one) => all.concat(one));
    const { tool_calls: calls = [], invalid_tool_calls: invalid = [] } =
      message;
    const isOne = calls.length === 1 && invalid.length === 0;
    return isOne && isWhole(pieces) ? calls[0] : undefined;
  } catch {
    return undefined; // Pieces that don't fit together are the model's affair.
  }
}

/** LangChain also reads arguments that break off. Those are of no complete call. */
function isWhole(pieces: readonly ToolCallChunk[]): boolean {
  const text = pieces.map(({ args }) => args ?? "").join("");
  if (text.trim() === "") return true;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function isCallType(type: unknown): boolean {
  return (
    type === "tool_call" ||
    type === "invalid_tool_call" ||
    type === "tool_call_chunk"
  );
}

function isArgs(args: unknown): args is ToolCall["args"] {
  return typeof args === "object" && args !== null && !Array.isArray(args);
}
