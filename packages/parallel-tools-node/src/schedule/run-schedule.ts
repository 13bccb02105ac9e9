import type { Outcome } from "./outcome.js";
import type { ScheduleOptions } from "./schedule-options.js";
import { Schedule } from "./schedule.js";

/**
 * Runs a batch whose calls are all there, and gives the outcomes by position
 * once nothing runs any more; rejects for a cycle only.
 */
export function runSchedule<Value>(
  options: ScheduleOptions<Value>,
): Promise<Outcome<Value>[]> {
  return new Promise((resolve) => resolve(new Schedule(options).run()));
}
