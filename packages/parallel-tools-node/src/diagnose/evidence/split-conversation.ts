import type {
  RecordedAnswer,
  RecordedConversation,
  RecordedMessage,
} from "../recorded-conversation.js";
import type { Source, Stretch, StretchCall, Turn } from "./stretch.js";

/** A longer stretch is cut, since the time to analyze it grows with the square. */
const MAX_CALLS = 1_000;

export interface SplitConversation {
  /** In the order in which they were written. */
  readonly sources: readonly Source[];
  readonly stretches: readonly Stretch[];
}

/** Splits a conversation into stretches, turns and sources. */
export function splitConversation({
  messages,
  onlyLast,
}: RecordedConversation): SplitConversation {
  const splitter = new Splitter();
  for (const [place, message] of messages.entries()) {
    splitter.add(message, place);
  }
  const { sources, stretches } = splitter;
  return { sources, stretches: onlyLast ? stretches.slice(-1) : stretches };
}

/** States: between stretches; in a turn; after the answers to a turn. */
class Splitter {
  readonly sources: Source[] = [];
  readonly stretches: Stretch[] = [];
  #stretch: Stretch | undefined;
  #turn: Turn | undefined;
  #lastMs: number | undefined;
  readonly #unanswered = new Map<string, [StretchCall, Stretch]>();
  #unnamed: [StretchCall, Stretch][] = [];

  add(message: RecordedMessage, place: number): void {
    const { role, text, answers, atMs } = message;
    for (const answer of answers) this.#addAnswer(answer, atMs);
    if (role === "model") this.#addModel(message, place);
    else if (text.trim() !== "") {
      this.#stretch = undefined;
      this.#turn = undefined;
      const writer = role === "user" ? "user" : "system";
      this.sources.push({ writer, content: text, stretch: undefined });
    }
    // A prompt without a time may have been there long before.
    if (role !== "system" || atMs !== undefined) this.#lastMs = atMs;
  }

  #addModel({ text, calls, atMs }: RecordedMessage, place: number): void {
    if (calls.length > 0 && this.#turn === undefined) {
      this.#beginTurn(place, atMs);
    } else if (calls.length > 0 && this.#turn !== undefined) {
      this.#turn.isSplit = true;
    }
    const stretch = this.#stretch;
    // A text after answers, without calls, belongs to the turn that follows.
    const turn = this.#turn
      ? (stretch?.turns.length ?? 0) - 1
      : (stretch?.turns.length ?? 0);
    if (text.trim() !== "") {
      this.sources.push({ writer: "model", content: text, stretch, turn });
    }
    for (const call of calls) {
      const index = stretch?.calls.length ?? 0;
      const added: StretchCall = { ...call, index, turn, answer: undefined };
      stretch?.calls.push(added);
      this.#turn?.calls.push(added);
      this.sources.push({ writer: "model", content: call.args, stretch, turn });
      const waiting: [StretchCall, Stretch] = [added, stretch as Stretch];
      if (call.id === undefined) this.#unnamed.push(waiting);
      else this.#unanswered.set(call.id, waiting);
    }
  }

  #beginTurn(place: number, atMs: number | undefined): void {
    if (
      this.#stretch === undefined ||
      this.#stretch.calls.length >= MAX_CALLS
    ) {
      this.#stretch = { turns: [], calls: [] };
      this.stretches.push(this.#stretch);
    }
    const sinceMs = this.#lastMs;
    this.#turn = { message: place, calls: [], sinceMs, atMs, isSplit: false };
    this.#stretch.turns.push(this.#turn);
  }

  #addAnswer(answer: RecordedAnswer, atMs: number | undefined): void {
    this.#turn = undefined;
    const { callId, text: content } = answer;
    const found =
      callId === undefined
        ? this.#unnamed.shift()
        : (this.#unanswered.get(callId) ?? this.#unnamed.shift());
    if (callId !== undefined) this.#unanswered.delete(callId);
    if (found === undefined) {
      // Its call was not recorded: the model learned this between two turns.
      const stretch = this.#stretch;
      const turn = stretch?.turns.length ?? 0;
      this.sources.push({ writer: "model", content, stretch, turn });
      return;
    }
    const [call, stretch] = found;
    call.answer = answer;
    call.answeredMs = atMs;
    this.sources.push({ writer: "output", content, stretch, call });
  }
}
