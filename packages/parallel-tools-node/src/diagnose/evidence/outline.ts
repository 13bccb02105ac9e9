import type {
  RecordedAnswer,
  RecordedCall,
  RecordedConversation,
  RecordedMessage,
} from "../recorded-conversation.js";

/** Longer stretches are cut: what they cost grows with the square. */
const MAX_CALLS = 1_000;

/** A call within a stretch. */
export interface StretchCall extends RecordedCall {
  /** 0-based, in the order in which the model asked. */
  readonly index: number;
  /** 0-based turn of the stretch. */
  readonly turn: number;
  answer: RecordedAnswer | undefined;
  /** When its answer was written, in milliseconds since 1970. */
  answeredMs?: number | undefined;
}

/** A message of the model, or several without an answer between them. */
export interface Turn {
  /** 0-based place of the first of its messages in the conversation. */
  readonly message: number;
  readonly calls: StretchCall[];
  /** When the message before was written, and when this one was. */
  readonly sinceMs: number | undefined;
  readonly atMs: number | undefined;
}

/** What the model did between one word of the user and the next. */
export interface Stretch {
  readonly turns: Turn[];
  readonly calls: StretchCall[];
}

/** Something that was said, in the order in which it was said. */
export interface Source {
  readonly writer: "system" | "user" | "model" | "output";
  /** What was said: a text, or the arguments of a call. */
  readonly said: unknown;
  /** The stretch that it belongs to; `undefined`: it stands before or between. */
  readonly stretch: Stretch | undefined;
  /** Of the model: the turn in which it wrote it. */
  readonly turn?: number;
  /** Of an output: the call that it answers. */
  readonly call?: StretchCall;
}

export interface Outline {
  readonly sources: readonly Source[];
  readonly stretches: readonly Stretch[];
}

/** Sorts what a conversation holds into stretches, turns and sources. */
export function outline({ messages, onlyLast }: RecordedConversation): Outline {
  const writer = new OutlineWriter();
  for (const [place, message] of messages.entries()) writer.add(message, place);
  const { sources, stretches } = writer;
  return { sources, stretches: onlyLast ? stretches.slice(-1) : stretches };
}

/** States: between stretches; in a turn; behind the answers to a turn. */
class OutlineWriter {
  readonly sources: Source[] = [];
  readonly stretches: Stretch[] = [];
  #stretch: Stretch | undefined;
  #turn: Turn | undefined;
  #lastMs: number | undefined;
  readonly #unanswered = new Map<string, [StretchCall, Stretch]>();
  #unnamed: [StretchCall, Stretch][] = [];

  add(message: RecordedMessage, place: number): void {
    const { role, text, answers, atMs } = message;
    for (const answer of answers) this.#answer(answer, atMs);
    if (role === "model") this.#write(message, place);
    else if (text.trim() !== "") {
      this.#stretch = undefined;
      this.#turn = undefined;
      const writer = role === "user" ? "user" : "system";
      this.sources.push({ writer, said: text, stretch: undefined });
    }
    this.#lastMs = atMs ?? this.#lastMs;
  }

  #write({ text, calls, atMs }: RecordedMessage, place: number): void {
    if (calls.length > 0 && this.#turn === undefined) {
      this.#beginTurn(place, atMs);
    }
    const stretch = this.#stretch;
    // Words without calls behind answers are written in the turn that is next.
    const turn = this.#turn
      ? (stretch?.turns.length ?? 0) - 1
      : (stretch?.turns.length ?? 0);
    if (text.trim() !== "") {
      this.sources.push({ writer: "model", said: text, stretch, turn });
    }
    for (const call of calls) {
      const index = stretch?.calls.length ?? 0;
      const added: StretchCall = { ...call, index, turn, answer: undefined };
      stretch?.calls.push(added);
      this.#turn?.calls.push(added);
      this.sources.push({ writer: "model", said: call.args, stretch, turn });
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
    this.#turn = { message: place, calls: [], sinceMs, atMs };
    this.#stretch.turns.push(this.#turn);
  }

  #answer(answer: RecordedAnswer, atMs: number | undefined): void {
    this.#turn = undefined;
    const { callId, text: said } = answer;
    const found =
      callId === undefined
        ? this.#unnamed.shift()
        : (this.#unanswered.get(callId) ?? this.#unnamed.shift());
    if (callId !== undefined) this.#unanswered.delete(callId);
    if (found === undefined) {
      // Of a call that was left out: the model learnt it between two turns.
      const stretch = this.#stretch;
      const turn = stretch?.turns.length ?? 0;
      this.sources.push({ writer: "model", said, stretch, turn });
      return;
    }
    const [call, stretch] = found;
    call.answer = answer;
    call.answeredMs = atMs;
    this.sources.push({ writer: "output", said, stretch, call });
  }
}
