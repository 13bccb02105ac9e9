import type { Contender } from "./contenders.js";
import type { Scenario } from "./scenarios.js";
import { LAST_TEXT_MS, writingMs } from "./script.js";

/**
 * No run of a contender can take less. A call can't start before it is written; with
 * `eager` that is when its own last token is there, else when the message is. Nor can it
 * start before those that it depends on have ended, there is a slot, and the rate lets it
 * in. As the calls are alike, no order is better than that of the message. The last turn
 * of the model is added.
 *
 * For `n` calls that take `p`, a message that takes `S` and `m` slots that is at least
 * max(S + p, S/n + n p/m).
 */
export function boundMs(scenario: Scenario, contender: Contender): number {
  const { calls, dependsOn, callMs, isEligible } = scenario;
  const { cap, rate } = contender.isStock ? {} : scenario;
  const isEarly = contender.eager === true && isEligible;
  const startsMs: number[] = [];
  for (const [index, from] of dependsOn.entries()) {
    const endOf = (one: number) => (startsMs[one] ?? -Infinity) + callMs;
    startsMs.push(
      Math.max(
        writingMs(isEarly ? index + 1 : calls.length),
        ...from.map(endOf),
        cap === undefined ? 0 : endOf(index - cap),
        rate === undefined
          ? 0
          : (startsMs[index - rate.limit] ?? -Infinity) + rate.intervalMs,
      ),
    );
  }
  return Math.max(...startsMs) + callMs + LAST_TEXT_MS;
}
