import Redis5 from "ioredis-5";
import { describe } from "vitest";
import { redisLimits } from "@/redis/redis-limits.js";
import { hasRedis } from "../support/redis-server.js";
import { describeContract } from "./support/limits-contract.js";
import { useRedis } from "./support/use-redis.js";

describe.runIf(hasRedis)("limits in Redis", () => {
  const redis = useRedis();

  describeContract("with ioredis 6", () => redis.limits(redis.prefix()));

  describeContract("with ioredis 5", () => {
    const client = redis.track(new Redis5.default(redis.url));
    return redisLimits({ client, prefix: redis.prefix() });
  });
});
