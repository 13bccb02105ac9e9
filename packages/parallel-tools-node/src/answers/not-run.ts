/** Another call of the same message, as an answer names it. */
export interface NamedCall {
  readonly ordinal: number;
  readonly name: string;
}

/** The call waited, directly or not, for one that failed. */
export function waitedForFailed({ ordinal, name }: NamedCall): string {
  return `Not run: this call had to wait for call ${ordinal} (${name}), which failed. Deal with that failure first, then make this call again if it is still needed.`;
}

/** The call waited for one that was never handed over to be run. */
export function waitedForAbsent({ ordinal, name }: NamedCall): string {
  return `Not run: this call had to wait for call ${ordinal} (${name}), which was not run beside it. Make this call again in your next message if it is still needed.`;
}

/** The call comes after one whose result may change the plan. */
export function deferred({ ordinal, name }: NamedCall): string {
  return `Not run yet: call ${ordinal} (${name}) comes first, and its result may change what is needed. Look at that result, then make this call again if you still want it.`;
}

/** The message has more calls than are run. */
export function tooManyCalls(ordinal: number, maxCalls: number): string {
  return `Not run: at most ${maxCalls} tool calls are run per message and this was number ${ordinal}. Make this call again in your next message if it is still needed.`;
}

/** The time for all calls of the message was over before this one started. */
export function outOfTime(problem: string): string {
  return `Not run: ${problem} Make this call again in your next message if it is still needed.`;
}

/** The limits of the call could not be read. */
export function limitsFailed(problem: string): string {
  return `Error: ${problem}`;
}
