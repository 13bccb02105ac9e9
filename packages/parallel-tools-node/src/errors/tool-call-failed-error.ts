const marker = Symbol.for("parallel-tools-node.ToolCallFailedError");

/**
 * A tool threw. The middleware throws this error with `handleToolErrors: true`,
 * or where it can't know whether there is other middleware. `createAgent` then
 * answers the call as it does without middleware, and a middleware in front of
 * this one can run the call again. `cause` is what the tool threw.
 */
export class ToolCallFailedError extends Error {
  override readonly name = "ToolCallFailedError";
  /** The tool that failed. */
  readonly toolName: string;
  readonly toolCallId: string | undefined;
  /** By this `createAgent` recognizes an error that it shows to the model. */
  readonly "~brand" = "ToolInvocationError";
  readonly [marker] = true;

  /** @param message what the model reads */
  constructor(
    message: string,
    toolName: string,
    toolCallId: string | undefined,
    cause: unknown,
  ) {
    super(message, { cause });
    this.toolName = toolName;
    this.toolCallId = toolCallId;
  }

  /** Works across copies of this package, where `instanceof` does not. */
  static isInstance(error: unknown): error is ToolCallFailedError {
    return typeof error === "object" && error !== null && marker in error;
  }
}
