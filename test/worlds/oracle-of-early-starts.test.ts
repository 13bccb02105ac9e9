import { type BatchReport, ParallelToolNode } from "parallel-tools-node";
import { describe, expect, test } from "vitest";
import { earlyCounts } from "./early-counts.js";
import {
  type Fake,
  hangs,
  isNode,
  kindsFound,
  take,
  worldsThat,
} from "./fakes.js";
import { LIBRARY, type Subject } from "./host/create-host.js";
import { hasReports, optionsOf } from "./host/options-of.js";
import type { Stage } from "./host/stage.js";
import { runWorld } from "./run-world.js";
import { callsStartEarly, type World } from "./world.js";

const isEager = (world: World) =>
  isNode(world) && !hangs(world) && callsStartEarly(world) && hasReports(world);

/** Ours, but for what its reports say. */
function nodeThatReports(
  change: (report: BatchReport) => BatchReport,
): Subject {
  const node = (world: World, stage: Stage) =>
    new ParallelToolNode(stage.tools, {
      ...optionsOf(world),
      onReport: (report) => {
        stage.reports.push(change(report));
      },
    });
  return { ...LIBRARY, node };
}

const FAKES: readonly Fake[] = [
  {
    name: "starts calls of all tools early",
    subject: {
      ...LIBRARY,
      node: (world, stage) => {
        const { policies = {}, ...options } = optionsOf(world);
        const all = Object.entries(policies).map(([name, policy]) => [
          name,
          { ...policy, readOnly: true },
        ]);
        return new ParallelToolNode(stage.tools, {
          ...options,
          policies: Object.fromEntries(all),
        });
      },
    },
    worlds: isEager,
    found: "started early",
  },
  {
    name: "keeps its discarded runs to itself",
    subject: nodeThatReports((report) => ({ ...report, discarded: [] })),
    worlds: isEager,
    found: "discarded, not reported",
  },
  {
    name: "tells of discarded runs that never were",
    subject: nodeThatReports((report) => ({
      ...report,
      discarded: report.calls.map(({ index, name }) => ({
        index,
        name,
        startMs: 0,
        endMs: 0,
        why: "none",
      })),
    })),
    worlds: isEager,
    found: "reported, not discarded",
  },
];

describe("of early starts, what differs from the rules is found in a host that", () => {
  test.each(FAKES)("$name", { timeout: 30_000 }, async (fake) => {
    expect(await kindsFound(fake)).toContain(fake.found);
  });
});

describe("in worlds with `eager`", () => {
  test("calls start early, and most of these runs are taken", {
    timeout: 30_000,
  }, async () => {
    const worlds = take(60, worldsThat(callsStartEarly));
    const results = await Promise.all(worlds.map((world) => runWorld(world)));
    const counts = results.map(({ log }) => earlyCounts(log));
    const sum = (key: "started" | "discarded") =>
      counts.reduce((all, one) => all + one[key], 0);
    expect(sum("started")).toBeGreaterThan(20);
    expect(sum("discarded")).toBeGreaterThan(5);
    expect(sum("discarded")).toBeLessThan(sum("started") * 0.7);
  });
});
