/** A way in which a server says that it takes no call now, or doesn't say it. */
export interface ThrottleSignal {
  /** What the server sends, in Markdown. */
  readonly signal: string;
  /** The client that made an error of it, in Markdown. */
  readonly client: string;
  /** The error that the client throws, as it is. */
  readonly thrown: () => Promise<unknown>;
  readonly heard: boolean;
  /** Where the wait stands, in Markdown, and how long it is in milliseconds. */
  readonly wait?: readonly [from: string, ms: number];
  /** Whether a call that may run twice runs again. */
  readonly runsAgain: boolean;
}

/** A signal that is heard. */
export function heard(
  signal: string,
  client: string,
  thrown: () => Promise<unknown>,
  wait?: readonly [from: string, ms: number],
): ThrottleSignal {
  const row = { signal, client, thrown, heard: true, runsAgain: true };
  return wait === undefined ? row : { ...row, wait };
}
