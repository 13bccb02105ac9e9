import { type HostDraw, isAgent, type Turn } from "../world.js";

/**
 * The calls of a message that the host itself never runs, by index. No node or
 * middleware of ours can change that:
 *
 * - The ToolNode of `createAgent` leaves out each call whose id any ToolMessage of
 *   the thread has, of an earlier turn, too (`langchain`, `agents/nodes/ToolNode`,
 *   `run`: `toolMessageIds`).
 * - Version "v2" does so only behind a middleware with `afterModel`, and only if
 *   a call is left (`agents/ReactAgent`, `#createAfterModelRouter`:
 *   `pendingToolCalls`).
 *
 * Read in langchain 1.5.14.
 *
 * @param answered the ids of all ToolMessages before the message
 */
export function neverRun(
  host: HostDraw,
  turn: Pick<Turn, "calls">,
  answered: ReadonlySet<string | undefined>,
): number[] {
  const indexes = maybeNeverRun(host, turn, answered);
  const isAll = indexes.length === turn.calls.length;
  return isAll && host.kind === "agent v2" ? [] : indexes;
}

/**
 * The calls that the host may never run, where it isn't known which of these ids
 * have an answer: a human who rejects a call keeps others from getting one.
 */
export function maybeNeverRun(
  host: HostDraw,
  { calls }: Pick<Turn, "calls">,
  ids: ReadonlySet<string | undefined>,
): number[] {
  if (!isAgent(host)) return [];
  const isFilter = host.kind === "agent v1" || host.reviews !== "nowhere";
  if (!isFilter) return [];
  return calls.flatMap(({ id }, index) => {
    const isRun = id === undefined && host.kind === "agent v1";
    return !isRun && ids.has(id) ? [index] : [];
  });
}
