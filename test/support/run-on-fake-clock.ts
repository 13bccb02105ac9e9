import type { Limit } from "@/limits/limit.js";
import type { Outcome, RunOutcome } from "@/schedule/outcome.js";
import { runSchedule } from "./run-schedule.js";
import type { ScheduledCall } from "@/schedule/scheduled-call.js";
import type { FakeClock } from "./fake-clock.js";

/** A call of a simulated batch. */
export interface SimulatedCall {
  readonly durationMs: number;
  readonly dependsOn?: readonly number[];
  readonly limits?: readonly Limit[];
  readonly cost?: number;
  readonly ends?: RunOutcome<string>["status"];
}

/** What happened to one call; `undefined` where it never did. */
export interface Trace {
  readyAt?: number;
  startAt?: number;
  endAt?: number;
  starts: number;
  ends: number;
}

export interface Simulation {
  readonly traces: readonly Trace[];
  /** `["0 start", "1 start", "0 ok"]`, in the order in which it happened. */
  readonly log: readonly string[];
  readonly outcomes: Promise<Outcome<string>[]>;
  readonly running: () => number;
}

/** Starts a batch whose calls last as long as they say, on a fake clock. */
export function simulate(
  calls: readonly SimulatedCall[],
  clock: FakeClock,
  signal?: AbortSignal,
  groups?: readonly (readonly number[])[],
): Simulation {
  const traces: Trace[] = calls.map(() => ({ starts: 0, ends: 0 }));
  const log: string[] = [];
  let running = 0;
  const scheduled = calls.map(
    ({ dependsOn = [], limits = [], cost = 1 }): ScheduledCall<string> => ({
      dependsOn,
      limits,
      cost,
    }),
  );
  const outcomes = runSchedule<string>({
    calls: scheduled,
    groups,
    execute: async (position) => {
      running += 1;
      const { durationMs, ends = "ok" } = calls[position] as SimulatedCall;
      if (durationMs > 0) await clock.sleep(durationMs);
      running -= 1;
      return ends;
    },
    judgeValue: (position, ends) => ({
      status: ends as RunOutcome<string>["status"],
      value: String(position),
    }),
    judgeError: (_, error) => ({ status: "error", error }),
    clock,
    ...(signal && { signal }),
    observer: {
      onReady(position, now) {
        (traces[position] as Trace).readyAt = now;
      },
      onStart(position, now) {
        const trace = traces[position] as Trace;
        trace.starts += 1;
        trace.startAt = now;
        log.push(`${position} start`);
      },
      onAgain(position) {
        log.push(`${position} again`);
      },
      onEnd(position, now, { status }) {
        const trace = traces[position] as Trace;
        trace.ends += 1;
        trace.endAt = now;
        log.push(`${position} ${status}`);
      },
    },
  });
  return { traces, log, outcomes, running: () => running };
}
