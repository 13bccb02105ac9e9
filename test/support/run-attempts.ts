import type { Limit } from "@/limits/limit.js";
import type { Outcome, RunAgain, RunOutcome } from "@/schedule/outcome.js";
import { runSchedule } from "./run-schedule.js";
import type { Run } from "./check-limits.js";
import type { FakeClock } from "./fake-clock.js";

/** A call of a simulated batch that may have to be run again. */
export interface AttemptingCall {
  readonly durationMs: number;
  /** Milliseconds to wait after each attempt that fails; then one ends it. */
  readonly failures?: readonly number[];
  readonly dependsOn?: readonly number[];
  readonly limits?: readonly Limit[];
  /** What the limits are called in the generated batch. */
  readonly limitIndexes?: readonly number[];
  readonly cost?: number;
  readonly ends?: RunOutcome<string>["status"];
  readonly halts?: boolean;
  /** Limit of each attempt, which its tool heeds not. */
  readonly timeoutMs?: number;
}

export interface Attempts {
  /** `["0 start 0", "0 again 10", "0 start 10", "0 ok 20"]`. */
  readonly log: readonly string[];
  /** All attempts that have ended; `position` counts the starts. */
  readonly runs: readonly Run[];
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  readonly outcomes: Promise<Outcome<string>[]>;
  readonly running: () => number;
}

export interface AttemptOptions {
  readonly signal?: AbortSignal;
  readonly drainMs?: number;
  readonly batchTimeoutMs?: number;
  /** Milliseconds to the next attempt of a call that timed out, if there is one. */
  readonly afterTimeoutMs?: number;
  /** An attempt has failed, and its limits are still held. */
  readonly onFail?: (position: number, startedAt: number, now: number) => void;
  /** Whether an attempt that begins now fails; by default as `failures` says. */
  readonly fails?: (position: number, attempt: number) => boolean;
}

/** Starts a batch whose calls fail as often as they say, on a fake clock. */
export function attempt(
  calls: readonly AttemptingCall[],
  clock: FakeClock,
  options: AttemptOptions = {},
): Attempts {
  const { onFail, fails, afterTimeoutMs } = options;
  const log: string[] = [];
  const runs: Run[] = [];
  const starts = calls.map(() => 0);
  const ends = calls.map(() => 0);
  const readyAt = calls.map(() => 0);
  let running = 0;
  let order = 0;
  const at = (position: number) => calls[position] as AttemptingCall;
  const verdicts: (RunAgain | RunOutcome<string>)[] = [];

  const outcomes = runSchedule<string>({
    calls: calls.map(
      ({ dependsOn = [], limits = [], cost = 1, timeoutMs }) => ({
        dependsOn,
        limits,
        cost,
        timeoutMs,
      }),
    ),
    execute: async (position) => {
      const startAt = clock.now();
      const number = (order += 1);
      const attempt = starts[position] as number;
      const call = at(position);
      const { durationMs, failures = [], limitIndexes = [], cost = 1 } = call;
      const isFailure =
        fails?.(position, attempt) ?? attempt <= failures.length;
      running += 1;
      const ready = readyAt[position] as number;
      if (durationMs > 0) await clock.sleep(durationMs);
      running -= 1;
      const endAt = clock.now();
      runs.push({
        position: number,
        startAt,
        endAt,
        readyAt: ready,
        limits: limitIndexes,
        cost,
      });
      if (isFailure) {
        onFail?.(position, startAt, endAt);
        const delayMs = failures[attempt - 1] ?? 0;
        readyAt[position] = endAt + delayMs;
        verdicts[position] = { status: "again", delayMs };
      } else {
        const { ends: status = "ok", halts: halt = false } = call;
        verdicts[position] = { status, halt, value: String(position) };
      }
      return "";
    },
    judgeValue: (position) => verdicts[position] as RunAgain,
    judgeError: (_, error) => ({ status: "error", error }),
    judgeTimeout: (position, mayRunAgain) => {
      const isAgain =
        mayRunAgain && afterTimeoutMs !== undefined && starts[position]! < 3;
      if (!isAgain) return { status: "error" };
      readyAt[position] = clock.now() + afterTimeoutMs;
      return { status: "again", delayMs: afterTimeoutMs };
    },
    clock,
    signal: options.signal,
    drainMs: options.drainMs,
    batchTimeoutMs: options.batchTimeoutMs,
    observer: {
      onReady(position, now) {
        readyAt[position] = now;
      },
      onStart(position, now) {
        starts[position]! += 1;
        log.push(`${position} start ${now}`);
      },
      onAgain(position, now) {
        log.push(`${position} again ${now}`);
      },
      onEnd(position, now, { status }) {
        ends[position]! += 1;
        log.push(`${position} ${status} ${now}`);
      },
    },
  });
  return {
    log,
    runs,
    starts,
    ends,
    outcomes,
    running: () => running,
  };
}
