import { describe, expect, test } from "vitest";
import type { BatchReport } from "parallel-tools-node";
import {
  formatReport,
  reportToHtml,
  reportToTrace,
} from "parallel-tools-node/report";
import { EAGER_HOSTS } from "./support/hosts.js";
import { play, type Scene } from "./support/play.js";
import { timedTool } from "./support/timed-tools.js";
import { useFakeTimers } from "./support/use-fake-timers.js";
import { writeTurn } from "./support/write-turn.js";

useFakeTimers();

/** Written from 10 to 50 ms; `a` is complete at 25. */
const SCENE: Scene = {
  turns: [
    writeTurn(
      ["a", "b", "c"].map((id) => ({ id, name: "look", args: { text: id } })),
    ),
  ],
  tools: (log) => [timedTool("look", log, 20)],
  options: { policies: { look: { readOnly: true, concurrency: 1 } } },
};

async function reportOf(host: (typeof EAGER_HOSTS)[number], scene = SCENE) {
  const { reports } = await play(host, scene, true);
  return reports[0] as BatchReport;
}

describe.each(EAGER_HOSTS)("the report of early calls in %s", (host) => {
  test("begins with the first call, and tells what each waited for", async () => {
    const report = await reportOf(host);
    expect(report.writtenMs).toBe(25);
    expect(report.durationMs).toBe(60);
    expect(report.discarded).toBeUndefined();
    expect(report.lowerBound).toMatchObject({ ms: 60, by: "concurrency" });
    expect(
      report.calls.map(({ waits, runs }) => ({
        waits: waits.map((wait) => `${wait.for} ${wait.startMs} ${wait.ms}`),
        runs: runs.map(({ startMs, endMs }) => `${startMs} ${endMs}`),
      })),
    ).toEqual([
      { waits: ["message 20 5"], runs: ["0 20"] },
      { waits: ["message 0 10", "concurrency 10 10"], runs: ["20 40"] },
      { waits: ["message 0 25", "concurrency 25 15"], runs: ["40 60"] },
    ]);
    expect(report.waitedMs.message).toBe(40);
  });

  test("has a bound that no schedule could beat while the model writes", async () => {
    const { policies } = { policies: { look: { readOnly: true } } };
    const report = await reportOf(host, { ...SCENE, options: { policies } });
    // The last call is complete with the message, 25 ms after the first one.
    expect(report.durationMs).toBe(45);
    expect(report.longestPathMs).toBe(20);
    expect(report.lowerBound).toEqual({ ms: 45, by: "path", ratio: 1 });
  });

  test("fills the time of each call with waits and runs", async () => {
    const { calls } = await reportOf(host);
    for (const { waits, runs, endMs } of calls) {
      let ms = 0;
      for (const wait of waits) ms += wait.ms;
      for (const run of runs) ms += run.endMs - run.startMs;
      expect(ms).toBe(endMs);
    }
  });

  test("is drawn as a text, a page and a trace", async () => {
    const report = await reportOf(host);
    const text = formatReport(report);
    expect(text).toContain(":: waits for the message");
    expect(text).toContain("the message 10 ms");
    const html = reportToHtml(report);
    expect(html).toContain("waiting for the message");
    expect(html).toContain('class="message"');
    expect(JSON.stringify(reportToTrace(report))).toContain("message");
  });

  test("lists early runs of no use", async () => {
    const report = await reportOf(host, {
      ...SCENE,
      tools: (log) => [
        timedTool("look", log, 20, ({ state }, text) =>
          text === "a" ? Object.keys(state as object).length : undefined,
        ),
      ],
    });
    expect(report.discarded).toMatchObject([
      { index: 0, name: "look", startMs: 0, why: "it reads the state" },
    ]);
    expect(formatReport(report)).toContain(
      "1 early run was discarded: look (it reads the state).",
    );
    expect(reportToHtml(report)).toContain("1 early run was discarded");
    const { traceEvents } = reportToTrace(report);
    expect(traceEvents).toContainEqual(
      expect.objectContaining({ name: "look", cat: "discarded" }),
    );
  });
});
