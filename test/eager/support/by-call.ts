/** Where something tells which call it is of. */
const NAMES_CALL: ReadonlySet<string> = new Set([
  "tool_call_id",
  "toolCallId",
  "call",
]);
const DEPTH = 8;

/**
 * A sequence in which what was said of calls that ran side by side stands call by call:
 * in which order these came is a matter of their times. What isn't of one call stays
 * where it is, and nothing passes it. So does what is said of each call.
 */
export function byCall(sequence: readonly unknown[]): unknown[] {
  const callOfRun = new Map<unknown, string>();
  for (const one of sequence) {
    const call = callIn(one);
    const run = runOf(one);
    if (call !== undefined && run !== undefined) callOfRun.set(run, call);
  }
  const sorted: unknown[] = [];
  let beside: { readonly call: string; readonly one: unknown }[] = [];
  const flush = () => {
    const calls = beside.toSorted((a, b) =>
      a.call < b.call ? -1 : a.call > b.call ? 1 : 0,
    );
    for (let at = 1; at < calls.length; at += 1) {
      const [before, one] = [calls[at - 1]!, calls[at]!];
      const isSwapped =
        isMode(before.one, "updates") && isMode(one.one, "messages");
      if (before.call !== one.call || !isSwapped) continue;
      [calls[at - 1], calls[at]] = [one, before];
    }
    sorted.push(...calls.map(({ one }) => one));
    beside = [];
  };
  for (const one of sequence) {
    const call = callIn(one) ?? callOfRun.get(runOf(one));
    if (call === undefined) {
      flush();
      sorted.push(one);
    } else beside.push({ call, one });
  }
  flush();
  return sorted;
}

/**
 * The answer of a call and the update that it makes are told by a queue of callbacks and
 * by the graph: which comes first depends on what else stands in that queue.
 */
function isMode(one: unknown, mode: string): boolean {
  return Array.isArray(one) && one[0] === mode;
}

/** The call that something is of. `undefined`: of none, or of several. */
function callIn(value: unknown): string | undefined {
  const calls = new Set<string>();
  collect(value, calls, DEPTH);
  return calls.size === 1 ? [...calls][0] : undefined;
}

function collect(value: unknown, calls: Set<string>, depth: number): void {
  if (typeof value !== "object" || value === null || depth === 0) return;
  const sent = (value as { lg_tool_call?: { id?: string } }).lg_tool_call;
  if (sent !== undefined) {
    calls.add(String(sent.id));
    return;
  }
  for (const [key, inner] of Object.entries(value)) {
    if (NAMES_CALL.has(key) && typeof inner === "string") calls.add(inner);
    else collect(inner, calls, depth - 1);
  }
}

function runOf(value: unknown): unknown {
  return (value as { run_id?: unknown } | null)?.run_id;
}
