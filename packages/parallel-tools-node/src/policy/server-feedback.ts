/** What a server has said about its limits, with an error. */
export interface ServerFeedback {
  /** The server refused the call for want of capacity (HTTP 429 or 503). */
  limited: boolean;
  /** Milliseconds until the call may be made again. */
  retryAfterMs?: number;
  /** Calls that the server would still take before `resetMs` is over. */
  remaining?: number;
  /** Milliseconds until the server takes calls again in full. */
  resetMs?: number;
}
