/**
 * The part of an [ioredis](https://github.com/redis/ioredis) `Redis` or
 * `Cluster`, version 5 or 6, that the limits need.
 */
export interface RedisClient {
  readonly status: string;
  /** Read for the name of the user, where a warning says what it lacks. */
  readonly options?: object;
  connect(): Promise<unknown>;
  disconnect(): void;
  duplicate(): RedisClient;
  evalsha(sha: string, keyCount: number, ...args: string[]): Promise<unknown>;
  eval(source: string, keyCount: number, ...args: string[]): Promise<unknown>;
  subscribe(channel: string): Promise<unknown>;
  // oxlint-disable-next-line no-explicit-any -- as Node's EventEmitter has it
  on(event: string, listener: (...args: any[]) => void): unknown;
  // oxlint-disable-next-line no-explicit-any -- as Node's EventEmitter has it
  off(event: string, listener: (...args: any[]) => void): unknown;
}

const METHODS = Object.keys({
  connect: true,
  disconnect: true,
  duplicate: true,
  evalsha: true,
  eval: true,
  subscribe: true,
  on: true,
  off: true,
} satisfies Record<Exclude<keyof RedisClient, "status" | "options">, true>);

export function isRedisClient(value: unknown): value is RedisClient {
  if (typeof value !== "object" || value === null) return false;
  const fields = value as Readonly<Record<string, unknown>>;
  return (
    typeof fields["status"] === "string" &&
    METHODS.every((method) => typeof fields[method] === "function")
  );
}
