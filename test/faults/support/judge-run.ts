import type { LedgerEvent } from "./protocol.js";
import type { ScenarioRun } from "./run-scenario.js";
import type { Scenario } from "./scenario.js";

/** What has gone wrong in a run, or in several; all are numbers of calls. */
export interface Verdict {
  /** Never took effect, or has no answer. */
  readonly lost: number;
  /** Started though the checkpointer had kept its answer. */
  readonly finishedAgain: number;
  /** Started again, and had not finished before: it was under way. */
  readonly cutAgain: number;
  /** Of these, those whose side effect took place more than once. */
  readonly effectAgain: number;
  /**
   * Pairs in the wrong order: a call starts before one that it needs has ended,
   * or that one starts again after it.
   */
  readonly wrongOrders: number;
  /** Runs whose messages are not those of the same run without a fault. */
  readonly otherMessages: number;
}

/** @param expected the messages of the same run without a fault */
export function judgeRun(
  { calls, ids, orders }: Scenario,
  { events, messages }: ScenarioRun,
  expected: readonly string[],
): Verdict {
  const isInMessages = new Set(calls.map(({ id }) => id));
  const answered = (call: string) =>
    messages.filter((line) => line.startsWith(`tool ${call} `)).length === 1;
  const of = (call: string, kind: LedgerEvent["kind"]) =>
    events.filter((event) => event.call === call && event.kind === kind).length;
  const isLost = (call: string) =>
    of(call, "end") === 0 || (isInMessages.has(call) && !answered(call));
  const again = ids.filter((call) => of(call, "start") > 1);
  const finished = ids.filter((call) => runsWhenFinished(call, events));
  const cut = again.filter((call) => !finished.includes(call));
  return {
    lost: ids.filter(isLost).length,
    finishedAgain: finished.length,
    cutAgain: cut.length,
    effectAgain: cut.filter((call) => of(call, "end") > 1).length,
    wrongOrders: orders.filter((pair) => isDisordered(pair, events)).length,
    otherMessages: messages.join("\n") === expected.join("\n") ? 0 : 1,
  };
}

/**
 * Whether a call starts whose answer was kept when the thread was last taken up,
 * or that has started since then. What an aborted run keeps so late that the next
 * one has already read the thread was under way.
 */
function runsWhenFinished(
  call: string,
  events: readonly LedgerEvent[],
): boolean {
  let isKept = false;
  let isKeptByNow = false;
  let hasStarted = false;
  for (const event of events) {
    if (event.kind === "drive") {
      isKept ||= isKeptByNow;
      hasStarted = false;
    }
    if (event.call !== call) continue;
    if (event.kind === "found") isKept = true;
    if (event.kind === "saved") isKeptByNow = true;
    if (event.kind !== "start") continue;
    if (isKept || hasStarted) return true;
    hasStarted = true;
  }
  return false;
}

function isDisordered(
  [before, after]: readonly [before: string, after: string],
  events: readonly LedgerEvent[],
): boolean {
  let hasEnded = false;
  let isFollowed = false;
  for (const { kind, call } of events) {
    if (kind === "end" && call === before) hasEnded = true;
    if (kind === "start" && call === before && isFollowed) return true;
    if (kind === "start" && call === after) {
      if (!hasEnded) return true;
      isFollowed = true;
    }
  }
  return false;
}
