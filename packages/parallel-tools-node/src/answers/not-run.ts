import type { ToolTimeoutError } from "../errors/tool-timeout-error.js";
import { describeDuration } from "../errors/describe-duration.js";

/** Another call of the same message, as an answer names it. */
export interface NamedCall {
  readonly ordinal: number;
  readonly name: string;
}

const IF_NEEDED =
  "Make this call again in your next message if it is still needed.";

/** The call waited, directly or not, for one that failed. */
export function waitedForFailed({ ordinal, name }: NamedCall): string {
  return notRun(
    `this call depends on call ${ordinal} (${name}), which failed`,
    "Deal with that failure first, then make this call again if it is still needed.",
  );
}

/** The call waited for one that was never handed over to be run. */
export function waitedForAbsent({ ordinal, name }: NamedCall): string {
  return notRun(
    `this call depends on call ${ordinal} (${name}), which was not run`,
    IF_NEEDED,
  );
}

/** The call comes after one whose result may change the plan. */
export function deferred({ ordinal, name }: NamedCall): string {
  return notRun(
    `call ${ordinal} (${name}) comes first, and its result may change what is needed`,
    "Look at that result, then make this call again if it is still needed.",
  );
}

/** The message has more calls than are run. */
export function tooManyCalls(ordinal: number, maxCalls: number): string {
  const limit =
    maxCalls === 1
      ? "only 1 tool call is run per message"
      : `at most ${maxCalls} tool calls are run per message`;
  return notRun(`${limit}, and this was number ${ordinal}`, IF_NEEDED);
}

/** The call runs inside of more calls than are allowed, as of agents in agents. */
export function tooDeep(depth: number, maxDepth: number): string {
  const limit =
    maxDepth === 1
      ? "only calls that run inside of no other call are run here"
      : `tool calls are run at most ${maxDepth} deep, one inside of the other`;
  return notRun(
    `${limit}, and this one would be number ${depth}`,
    "Make no tool calls here: answer with what you know, and say what is missing, so that whoever called you can go on.",
  );
}

/** The time for all calls of the message was over before this one started. */
export function outOfTime({ timeoutMs }: ToolTimeoutError): string {
  return notRun(
    `the time for the calls of this message (${describeDuration(timeoutMs)}) was over before this one could start`,
    IF_NEEDED,
  );
}

/**
 * The form of an answer to a call that was not run.
 *
 * @param why a clause
 * @param next sentences on what to do next
 */
export function notRun(why: string, next: string): string {
  return `Not run: ${why}. ${next}`;
}
