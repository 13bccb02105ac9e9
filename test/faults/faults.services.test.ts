import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasPostgres } from "../support/postgres-server.js";
import { FaultSite } from "./support/fault-site.js";
import { judgeRun } from "./support/judge-run.js";
import type { HostName, LedgerEvent } from "./support/protocol.js";
import { runCampaign } from "./support/run-campaign.js";
import { runScenario } from "./support/run-scenario.js";
import { ANSWERS } from "./support/scenario.js";

const OURS: readonly HostName[] = ["ParallelToolNode", "middleware"];
const PROMISED = {
  lost: 0,
  finishedAgain: 0,
  wrongOrders: 0,
  otherMessages: 0,
};

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
      const lines = run.messages.filter((line) => line.startsWith("tool "));
      expect(lines).toEqual(
        ANSWERS.map((line) => `tool ${line.replace(" ok:", " success:")}`),
      );
      expect(judgeRun(run, run.messages)).toEqual({
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

describe("the judge", () => {
  const messages = ANSWERS.map((_, index) => `tool ${index + 1} success: ok`);
  const calm = ["1", "2", "3", "4", "5", "6", "7", "8"].flatMap(
    (call): LedgerEvent[] =>
      (["start", "end", "saved"] as const).map((kind) => ({
        thread: "t",
        kind,
        call,
      })),
  );
  const judge = (events: readonly LedgerEvent[], said = messages) =>
    judgeRun({ events, messages: said, hasStruck: true }, messages);
  const event = (kind: LedgerEvent["kind"], call?: string): LedgerEvent => ({
    thread: "t",
    kind,
    ...(call !== undefined && { call }),
  });
  const nothing = { ...PROMISED, cutAgain: 0, effectAgain: 0 };

  test("finds nothing in a run in which nothing went wrong", () => {
    expect(judge(calm)).toEqual(nothing);
  });

  test("sees a call that never took effect, and one without an answer", () => {
    const cut = calm.filter((one) => one.call !== "4" || one.kind !== "end");
    // Call 6 waits for an end of call 4 that never came.
    expect(judge(cut)).toEqual({ ...nothing, lost: 1, wrongOrders: 1 });
    expect(judge(calm, messages.slice(1))).toEqual({
      ...nothing,
      lost: 1,
      otherMessages: 1,
    });
  });

  test("tells a finished call that runs again from one that was under way", () => {
    const again = [event("drive"), event("start", "8"), event("end", "8")];
    expect(judge([...calm, ...again])).toEqual({
      ...nothing,
      finishedAgain: 1,
    });
    const unsaved = calm.slice(0, -1);
    expect(judge([...unsaved, ...again])).toEqual({
      ...nothing,
      cutAgain: 1,
      effectAgain: 1,
    });
    // Kept by an aborted run after the next one has read the thread.
    const [drive, ...rest] = again as [LedgerEvent, ...LedgerEvent[]];
    const late = [...unsaved, drive, event("saved", "8"), ...rest];
    expect(judge(late).finishedAgain).toBe(0);
    expect(judge([...unsaved, event("found", "8"), ...again])).toEqual({
      ...nothing,
      finishedAgain: 1,
    });
  });

  test("sees a call that starts before what it needs, or runs again behind it", () => {
    const swapped = [event("start", "2"), event("end", "2"), ...calm];
    expect(judge(swapped).wrongOrders).toBe(1);
    const behind = [...calm, event("drive"), event("start", "1")];
    expect(judge(behind).wrongOrders).toBe(1);
  });
});
