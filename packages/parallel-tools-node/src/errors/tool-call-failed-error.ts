const marker = Symbol.for("parallel-tools-node.ToolCallFailedError");

/**
 * A tool threw, as the middleware hands it on with `handleToolErrors: true`, or
 * where it can't know of other middleware: `createAgent` makes the message of it
 * that it makes of errors where there is none, and a middleware in front of this
 * one can run the call again. `cause` is what the tool threw.
 */
export class ToolCallFailedError extends Error {
  override readonly name = "ToolCallFailedError";
  /** The tool that failed. */
  readonly toolName: string;
  readonly toolCallId: string | undefined;
  /** By this, `createAgent` knows errors that are the model's to deal with. */
  readonly "~brand" = "ToolInvocationError";
  readonly [marker] = true;

  /** @param message what the model is to read */
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
