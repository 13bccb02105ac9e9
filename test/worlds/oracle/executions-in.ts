import type { LogLine } from "../host/log.js";

/** One time that a tool was run for a call. Places count the lines of the log. */
export interface Execution {
  readonly turn: number;
  readonly call: number;
  /** The number of the last edit of its arguments. */
  readonly edit: number | undefined;
  readonly run: number;
  /** It began while its message was being written. */
  readonly isEarly: boolean;
  /** An early run that nobody has taken. */
  readonly isDiscarded: boolean;
  readonly startedAt: number;
  /** `undefined`: it has not ended. */
  readonly endedAt: number | undefined;
  readonly end: "ended" | "failed" | "paused" | undefined;
  /** Where it paused. */
  readonly question: string | undefined;
  readonly how: string | undefined;
}

/** In the order in which they started. */
export function executionsIn(log: readonly LogLine[]): Execution[] {
  const all = new Map<number, Execution>();
  log.forEach((line, place) => {
    const { execution, turn, call, edit, run, did } = line;
    if (did === "start") {
      all.set(execution, {
        turn,
        call,
        edit,
        run,
        isEarly: line.isEarly,
        isDiscarded: false,
        startedAt: place,
        endedAt: undefined,
        end: undefined,
        question: undefined,
        how: undefined,
      });
    }
    const begun = all.get(execution) as Execution;
    if (did === "discarded")
      all.set(execution, { ...begun, isDiscarded: true });
    if (did === "ended" || did === "failed" || did === "paused") {
      all.set(execution, {
        ...begun,
        endedAt: place,
        end: did,
        question: line.did === "paused" ? line.question : undefined,
        how: line.did === "failed" ? line.how : undefined,
      });
    }
  });
  return [...all.values()];
}
