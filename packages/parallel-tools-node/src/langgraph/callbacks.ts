import type { BaseCallbackHandler } from "@langchain/core/callbacks/base";
import type { Callbacks } from "@langchain/core/callbacks/manager";

export type { Callbacks };

/** Those who hear what a run with these callbacks is told. */
export function handlersOf(
  callbacks: Callbacks | undefined,
): readonly object[] {
  return Array.isArray(callbacks) ? callbacks : (callbacks?.handlers ?? []);
}

/** The same callbacks, and one handler more. */
export function withHandler(
  callbacks: Callbacks | undefined,
  handler: BaseCallbackHandler,
): Callbacks {
  if (callbacks === undefined) return [handler];
  return Array.isArray(callbacks)
    ? [...callbacks, handler]
    : callbacks.copy([handler], false);
}
