export { LimitsUnavailableError } from "./errors/limits-unavailable-error.js";
export type { RedisClient } from "./redis/redis-client.js";
export { redisLimits } from "./redis/redis-limits.js";
export type { RedisLimitsOptions } from "./redis/redis-limits-options.js";
