import { type Cluster, Redis } from "ioredis";
import type Redis5 from "ioredis-5";
import type { Cluster as Cluster5 } from "ioredis-5";
import {
  LimitsUnavailableError,
  type RedisClient,
  type RedisLimitsOptions,
  redisLimits,
} from "parallel-tools-node/redis";
import { expectTypeOf, test } from "vitest";

test("redisLimits takes every client of ioredis 5 and 6", () => {
  expectTypeOf<Redis>().toExtend<RedisClient>();
  expectTypeOf<Cluster>().toExtend<RedisClient>();
  expectTypeOf<Redis<"resp3">>().toExtend<RedisClient>();
  expectTypeOf<Redis5.default>().toExtend<RedisClient>();
  expectTypeOf<Cluster5>().toExtend<RedisClient>();
  expectTypeOf<Date>().not.toExtend<RedisClient>();
});

test("a client is all that redisLimits needs", () => {
  const client = new Redis({ lazyConnect: true });
  expectTypeOf(redisLimits).parameters.toEqualTypeOf<[RedisLimitsOptions]>();
  expectTypeOf(redisLimits({ client })).toHaveProperty("pause");
  // @ts-expect-error -- a client is needed
  redisLimits({});
  // @ts-expect-error -- there is no such mode
  redisLimits({ client, onUnavailable: "hope" });
});

test("a LimitsUnavailableError says why", () => {
  const error: unknown = undefined;
  if (LimitsUnavailableError.isInstance(error)) {
    expectTypeOf(error.reason).toBeString();
  }
});
