import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasPostgres } from "../support/postgres-server.js";
import { FaultSite } from "./support/fault-site.js";
import { judgeRun } from "./support/judge-run.js";
import { PROMISED } from "./support/promised.js";
import { OURS } from "./support/protocol.js";
import { runCampaign } from "./support/run-campaign.js";
import { runScenario } from "./support/run-scenario.js";
import { scenarioOf } from "./support/scenario.js";

// `npm run faults` does the same with 200 seeds.
const SEEDS = 8;

describe.skipIf(!hasPostgres)("with a checkpointer in Postgres,", () => {
  let site: FaultSite;
  beforeAll(async () => {
    site = await FaultSite.open();
  }, 60_000);
  afterAll(() => site.close(), 60_000);

  test.each(OURS)(
    "%s gives the right answers where nothing goes wrong",
    async (host) => {
      const run = await runScenario(site, {
        host,
        fault: "none",
        seed: 1,
        durability: "sync",
      });
      const scenario = scenarioOf(host);
      const lines = run.messages.filter((line) => line.startsWith("tool "));
      // LangChain puts the calls that a human has approved last.
      expect(lines.toSorted()).toEqual(
        scenario.answers.map((line) => `tool ${line}`),
      );
      expect(judgeRun(scenario, run, run.messages)).toEqual({
        ...PROMISED,
        cutAgain: 0,
        effectAgain: 0,
      });
    },
    60_000,
  );

  test.each(["kill", "abort", "hang"] as const)(
    "after each %s no call is lost, none that has finished runs again, and all are in order",
    async (fault) => {
      const rows = await runCampaign(site, {
        hosts: OURS,
        faults: [fault],
        seeds: SEEDS,
        durability: "sync",
        lanes: 3,
      });
      const struck = rows.filter((row) => row.fault === fault);
      expect(struck).toMatchObject(
        OURS.map((host) => ({ host, runs: SEEDS, ...PROMISED })),
      );
    },
    180_000,
  );

  test("the stock node is seen to break what is promised", async () => {
    const rows = await runCampaign(site, {
      hosts: ["ToolNode"],
      faults: ["kill"],
      seeds: 1,
      durability: "sync",
      lanes: 1,
    });
    const killed = rows.find((row) => row.fault === "kill");
    expect(killed?.effectAgain).toBeGreaterThan(0);
    expect(killed?.wrongOrders).toBeGreaterThan(0);
  }, 60_000);
});
