import { missingRedis } from "./has-redis.js";

/** Once per run, and not in each file: one line says what is skipped. */
export function setup(): void {
  // oxlint-disable-next-line no-console -- a skip has to be seen
  if (missingRedis !== undefined) console.warn(`${missingRedis}: skipped.`);
}
