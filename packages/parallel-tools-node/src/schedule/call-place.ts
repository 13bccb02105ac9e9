/** Names a call to whoever is told of what ran inside of it. */
export interface CallPlace {
  /** The id of its batch. */
  readonly batchId: string;
  /** 0-based place in the message's `tool_calls`. */
  readonly index: number;
  readonly id: string | undefined;
  readonly name: string;
}
