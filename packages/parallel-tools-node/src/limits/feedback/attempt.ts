/** What `read` gives, or `undefined` when it throws: what it reads is foreign. */
export function attempt<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
