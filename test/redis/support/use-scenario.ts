import type { Redis } from "ioredis";
import { afterEach, beforeEach } from "vitest";
import { Scenario } from "./scenario.js";
import { useRedis } from "./use-redis.js";

/**
 * Gives `onOpen` a scenario before each test of this suite, and a client to look
 * behind it.
 */
export function useScenario(
  onOpen: (scenario: Scenario, client: Redis) => void,
): void {
  const redis = useRedis();
  let scenario: Scenario;
  beforeEach(async () => {
    const client = redis.client();
    scenario = new Scenario(client, redis.client());
    await scenario.open();
    onOpen(scenario, client);
  });
  afterEach(() => scenario.close());
}
