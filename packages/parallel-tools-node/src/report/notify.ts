import { catchRejection } from "../errors/thenable.js";
import type { BatchReport } from "./batch-report.js";
import { warn } from "./warn.js";

/** Receives the report of each batch when it has ended, however it ended. */
export type ReportListener = (report: BatchReport) => unknown;

/** Calls the listener. If it fails, that is a warning and nothing more. */
export function notify(listener: ReportListener, report: BatchReport): void {
  callBack("onReport", () => listener(report));
}

/**
 * Calls a callback of the application. If it throws or rejects, that is a warning
 * and nothing more.
 *
 * @param name what the warning calls it
 */
export function callBack<Value>(
  name: string,
  call: () => Value,
): Value | undefined {
  const fail = (error: unknown) => warn(name, error);
  try {
    const value = call();
    catchRejection(value, fail);
    return value;
  } catch (error) {
    fail(error);
    return undefined;
  }
}
