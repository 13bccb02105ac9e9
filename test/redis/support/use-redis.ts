import { afterAll, afterEach, beforeAll } from "vitest";
import { RedisUnderTest } from "./redis-under-test.js";

/** A server for the tests of this suite. Each leaves nothing behind on it. */
export function useRedis(): RedisUnderTest {
  const redis = new RedisUnderTest();
  beforeAll(() => redis.open());
  afterEach(() => redis.cleanUp());
  afterAll(() => redis.close());
  return redis;
}
