import type { RecordedAnswer, RecordedCall } from "../recorded-conversation.js";

/** What the model did between one message of the user and the next. */
export interface Stretch {
  readonly turns: Turn[];
  readonly calls: StretchCall[];
}

/** A message of the model with calls, or several without an answer between. */
export interface Turn {
  /** 0-based place of the first of its messages in the conversation. */
  readonly message: number;
  readonly calls: StretchCall[];
  /** When the message before was written, in milliseconds since 1970. */
  readonly sinceMs: number | undefined;
  /** When this message was written, in milliseconds since 1970. */
  readonly atMs: number | undefined;
  /** Its calls stand in several messages. */
  isSplit: boolean;
}

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

/** Something in the conversation that a value may come from. */
export interface Source {
  readonly writer: "system" | "user" | "model" | "output";
  /** A text, or the arguments of a call. */
  readonly content: unknown;
  /** The stretch that it belongs to; `undefined`: it stands outside of all. */
  readonly stretch: Stretch | undefined;
  /** Of the model: the turn in which it wrote this. */
  readonly turn?: number;
  /** Of an output: the call that it answers. */
  readonly call?: StretchCall;
}
