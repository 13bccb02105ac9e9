/** A key of shared mutable state that a call reads or writes. */
export interface Access {
  readonly mode: "read" | "write";
  /** Any string; calls share state when their keys are equal. */
  readonly key: string;
}

/**
 * Says that a call reads `key`. Reads of one key run side by side.
 *
 * @example
 * ```ts
 * import { read, type ToolPolicy } from "parallel-tools-node";
 *
 * const readFile: ToolPolicy<{ path: string }> = {
 *   access: ({ path }) => [read(`file:${path}`)],
 * };
 * ```
 */
export function read(key: string): Access {
  return { mode: "read", key };
}

/**
 * Says that a call changes `key`. It waits for every earlier call of its batch
 * that reads or writes the key, and later ones wait for it.
 *
 * @example
 * ```ts
 * import { write, type ToolPolicy } from "parallel-tools-node";
 *
 * const transfer: ToolPolicy<{ from: string; to: string }> = {
 *   access: ({ from, to }) => [write(`account:${from}`), write(`account:${to}`)],
 * };
 * ```
 */
export function write(key: string): Access {
  return { mode: "write", key };
}
