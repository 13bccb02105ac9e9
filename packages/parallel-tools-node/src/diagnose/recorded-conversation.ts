/** A call as it was recorded. */
export interface RecordedCall {
  /** `undefined`: it was recorded without one. */
  readonly id: string | undefined;
  readonly name: string;
  /** As the model wrote them: parsed JSON, else the text. */
  readonly args: unknown;
}

/** What a tool answered to a call. */
export interface RecordedAnswer {
  /** `undefined`: it is the answer to the first call without one. */
  readonly callId: string | undefined;
  readonly text: string;
  readonly hasFailed: boolean;
}

/** A message, whatever format it was recorded in. */
export interface RecordedMessage {
  /** `"tool"`: it says nothing but its answers. */
  readonly role: "system" | "user" | "model" | "tool";
  readonly text: string;
  readonly calls: readonly RecordedCall[];
  readonly answers: readonly RecordedAnswer[];
  /** When it was written, in milliseconds since 1970. */
  readonly atMs?: number | undefined;
}

/** From when to when something ran, in milliseconds since 1970. */
export interface RecordedSpan {
  readonly startMs: number;
  readonly endMs: number;
}

export interface RecordedConversation {
  /** The file that it stands in. */
  readonly source?: string | undefined;
  /** Where it begins in the file, e.g. `line 3, column 1`. */
  readonly place?: string | undefined;
  readonly messages: readonly RecordedMessage[];
  /**
   * Only what follows the last word of the user is new: a trace holds what was
   * said in earlier ones.
   */
  readonly onlyLast?: boolean;
  /** The request forbade parallel calls. */
  readonly forbidsParallel?: boolean;
  /** When a call ran, by its id; where a tracer has written it down. */
  readonly callSpans?: ReadonlyMap<string, RecordedSpan>;
  /** When the model wrote a call, by the call's id. */
  readonly modelSpans?: ReadonlyMap<string, RecordedSpan>;
}
