import { MOST_NAME, printable } from "../report/words/printable.js";

/**
 * The attribute `error.type` of an error: the name that it has, or the name of
 * its class. It is `tool_error` where a tool answered with an error message and
 * nothing was thrown, and `_OTHER`, as the conventions say, for the rest.
 */
export function errorType(error: unknown): string {
  if (error === undefined || error === null) return "tool_error";
  if (typeof error !== "object") return "_OTHER";
  try {
    const { name } = error as { name?: unknown };
    if (typeof name === "string" && name !== "" && name !== "Error") {
      return printable(name, MOST_NAME);
    }
    const { constructor } = error;
    const isOfClass = typeof constructor === "function" && constructor.name;
    return isOfClass ? printable(constructor.name, MOST_NAME) : "_OTHER";
  } catch {
    return "_OTHER";
  }
}

/** The message of an error, shortened; empty if it has none. */
export function errorMessage(error: unknown, most: number): string {
  try {
    const message =
      typeof error === "object" && error !== null
        ? (error as { message?: unknown }).message
        : error;
    return typeof message === "string" ? printable(message, most) : "";
  } catch {
    return "";
  }
}
