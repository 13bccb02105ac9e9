/** A call as it was recorded. */
export interface RecordedCall {
  /** `undefined`: none was recorded. */
  readonly id: string | undefined;
  readonly name: string;
  /** Parsed, or as text where the model wrote no valid JSON. */
  readonly args: unknown;
}

/** What a tool answered to a call. */
export interface RecordedAnswer {
  /** `undefined`: it answers the first open call that has no id either. */
  readonly callId: string | undefined;
  readonly text: string;
  readonly hasFailed: boolean;
}

/** A message, in one form for all formats. */
export interface RecordedMessage {
  /** `"tool"`: it holds answers and no text. */
  readonly role: "system" | "user" | "model" | "tool";
  readonly text: string;
  readonly calls: readonly RecordedCall[];
  readonly answers: readonly RecordedAnswer[];
  /** When it was written, in milliseconds since 1970. */
  readonly atMs?: number | undefined;
}

/** The time for which something ran, in milliseconds since 1970. */
export interface RecordedSpan {
  readonly startMs: number;
  readonly endMs: number;
}

/** The time for which a model ran. */
export interface RecordedModelSpan extends RecordedSpan {
  /** When its first token came, if it streamed and the tracer recorded that. */
  readonly firstTokenMs?: number;
}

export interface RecordedConversation {
  /** The name of the file. */
  readonly source?: string | undefined;
  /** Where it begins in the file, e.g. `line 3, column 1`. */
  readonly place?: string | undefined;
  readonly messages: readonly RecordedMessage[];
  /**
   * Only the messages after the user's last one are diagnosed: those before
   * were recorded in earlier traces, too.
   */
  readonly onlyLast?: boolean;
  /** The request forbade parallel calls. */
  readonly forbidsParallel?: boolean;
  /** When a call ran, by its id, as a tracer recorded it. */
  readonly callSpans?: ReadonlyMap<string, RecordedSpan>;
  /** When the model ran that wrote a call, by the call's id. */
  readonly modelSpans?: ReadonlyMap<string, RecordedModelSpan>;
}
