/** Whether `await` would wait for a value. Never throws. */
export function isThenable(value: unknown): boolean {
  try {
    const { then } = (value ?? {}) as { then?: unknown };
    return typeof then === "function";
  } catch {
    return false;
  }
}

/**
 * Hears of the failure of a value that nobody awaits, so that it doesn't end the
 * process as an unhandled rejection. A value that isn't a thenable never fails.
 */
export function catchRejection(
  value: unknown,
  onRejection: (error: unknown) => void = () => {},
): void {
  const mayBeThenable =
    typeof value === "object" || typeof value === "function";
  if (!mayBeThenable || value === null) return;
  new Promise<unknown>((resolve, reject) => {
    const { then } = value as { then?: unknown };
    if (typeof then !== "function") return;
    const chained: unknown = Reflect.apply(then, value, [resolve, reject]);
    // A thenable may have an async `then`, which can reject by itself.
    Promise.resolve(chained).catch(reject);
  }).catch(onRejection);
}

/** As `catchRejection`, also for what a value holds in its items and fields. */
export function catchRejectionsIn(value: unknown, depth = 3): void {
  catchRejection(value);
  if (typeof value !== "object" || value === null || depth === 0) return;
  try {
    for (const part of Object.values(value)) catchRejectionsIn(part, depth - 1);
  } catch {
    // A getter that throws holds no promise that anybody could hear of.
  }
}
