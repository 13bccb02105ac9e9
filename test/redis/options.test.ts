import { Redis } from "ioredis";
import { ConfigurationError } from "parallel-tools-node";
import {
  LimitsUnavailableError,
  type RedisClient,
  redisLimits,
} from "parallel-tools-node/redis";
import { describe, expect, it, vi } from "vitest";
import { configurationProblem } from "../support/thrown-by.js";

const client = new Redis({ lazyConnect: true });

const problemOf = (options: unknown) =>
  configurationProblem(() => redisLimits(options as { client: RedisClient }));

/** A client whose server answers every script in the same way. */
function answering(evaluate: () => Promise<unknown>): RedisClient {
  const fake: RedisClient = {
    status: "ready",
    connect: () => Promise.resolve(),
    disconnect: () => {},
    duplicate: () => fake,
    evalsha: evaluate,
    eval: evaluate,
    subscribe: () => Promise.resolve(1),
    on: () => fake,
    off: () => fake,
  };
  return fake;
}

const request = {
  limits: [{ name: "tool t", concurrency: 1 }],
  cost: 1,
  signal: new AbortController().signal,
};

describe("redisLimits", () => {
  it.each([
    [undefined, "limits", "an object, got `undefined`"],
    [
      { client, leaseMS: 1 },
      "limits",
      "an object with no fields but `client`, `prefix`, `leaseMs`, `commandTimeoutMs`, `onUnavailable`, got `leaseMS` (string)",
    ],
    [
      {},
      "limits.client",
      "a `Redis` or `Cluster` of ioredis 5 or 6, got `undefined`",
    ],
    [
      { client: "redis://localhost" },
      "limits.client",
      "a `Redis` or `Cluster` of ioredis 5 or 6, got `redis://localhost` (string)",
    ],
    [
      { client: { get: 1 } },
      "limits.client",
      'a `Redis` or `Cluster` of ioredis 5 or 6, got `{"get":1}` (object)',
    ],
    [
      { client, prefix: "" },
      "limits.prefix",
      "a string without braces that is not empty, got `` (string)",
    ],
    [
      { client, prefix: "a}b" },
      "limits.prefix",
      "a string without braces that is not empty, got `a}b` (string)",
    ],
    [
      { client, leaseMs: 99 },
      "limits.leaseMs",
      "a number of milliseconds from 100 to 3600000, got `99` (number)",
    ],
    [
      { client, commandTimeoutMs: Number.NaN },
      "limits.commandTimeoutMs",
      "a number of milliseconds from 1 to 3600000, got `NaN` (number)",
    ],
    [
      { client, onUnavailable: "hope" },
      "limits.onUnavailable",
      '"wait", "local" or "error", got `hope` (string)',
    ],
  ])("refuses the options %o", (options, option, problem) => {
    expect(problemOf(options)).toBe(`Expected \`${option}\` to be ${problem}`);
  });

  it("says at once that a server is too old", async () => {
    const limits = redisLimits({
      client: answering(() =>
        Promise.reject(
          new Error(
            "ERR Error running script (call to f_1): @user_script:1: Write commands not allowed after non deterministic commands.",
          ),
        ),
      ),
    });
    const refusal = limits.acquire(request);
    await expect(refusal).rejects.toBeInstanceOf(ConfigurationError);
    await expect(refusal).rejects.toThrow(
      /^Expected `limits.client` to be a client of Redis 5 or later, got/,
    );
    await expect(limits.acquire(request)).rejects.toBe(
      await refusal.catch((error: unknown) => error),
    );
  });

  it.each([
    ["nothing", null],
    ["a string", "OK"],
    ["half an answer", []],
    ["numbers", [["granted", 1, 2]]],
    ["a time that is none", [["booked", "1", "soon", "1"]]],
    ["what only looks like events", [["granted"]]],
  ])(
    "takes a server that answers %s for one that is away",
    async (_, answer) => {
      const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
      const limits = redisLimits({
        client: answering(() => Promise.resolve(answer)),
        onUnavailable: "error",
        commandTimeoutMs: 3_600_000,
        leaseMs: 3_600_000,
      });
      await expect(limits.acquire(request)).rejects.toSatisfy((error) =>
        LimitsUnavailableError.isInstance(error),
      );
      expect(warn).toHaveBeenCalledOnce();
      warn.mockRestore();
    },
  );
});
