import Redis5 from "ioredis-5";
import { afterAll, afterEach, beforeAll, describe } from "vitest";
import { redisLimits } from "@/redis/redis-limits.js";
import { hasRedis } from "../support/redis-server.js";
import { describeContract } from "./support/limits-contract.js";
import { RedisUnderTest } from "./support/redis-under-test.js";

describe.runIf(hasRedis)("limits in Redis", () => {
  let redis: RedisUnderTest;
  beforeAll(async () => {
    redis = await RedisUnderTest.open();
  });
  afterEach(() => redis.cleanUp());
  afterAll(() => redis.close());

  describeContract("with ioredis 6", () => redis.limits(redis.prefix()));

  describeContract("with ioredis 5", () => {
    const client = redis.track(new Redis5.default(redis.url));
    return redisLimits({ client, prefix: redis.prefix() });
  });
});
