import type { BatchReport } from "parallel-tools-node";
import { reportToHtml } from "parallel-tools-node/report";
import { describe, expect, it } from "vitest";
import { percent, percentSpan } from "@/report/html/percent.js";
import { deepPathOf } from "@/report/deep-path.js";
import { treesOf } from "@/report/report-tree.js";
import { whereTimeWent } from "@/report/html/where-time-went.js";
import { createLimits } from "@/limits/create-limits.js";
import { FakeClock } from "../../support/fake-clock.js";
import { largeReport } from "../../support/large-report.js";
import { recordBatch } from "../../support/record-batch.js";
import { nestedReports, sampleTree } from "../../support/nested-report.js";
import { sampleReport } from "../../support/sample-report.js";

function pathOf(reports: BatchReport | readonly BatchReport[]) {
  return deepPathOf(treesOf(reports)[0]!);
}

function countOf(text: string, part: string): number {
  return text.split(part).length - 1;
}

describe("reportToHtml", () => {
  it("gives one document that names nothing outside of itself", async () => {
    const html = reportToHtml(await sampleReport());
    expect(html).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(html).toMatch(/<\/html>\n$/);
    expect(html).not.toMatch(/(?:src|href)\s*=\s*["']?(?!#)[^"'\s>]/);
    expect(html).not.toMatch(/@import|url\((?!#)/);
    expect(html).not.toMatch(/https?:/);
  });

  it("has a section for each batch and a row for each call", async () => {
    const report = await sampleReport();
    const html = reportToHtml([report, report], { titles: ["first one"] });
    expect(countOf(html, '<section class="batch"')).toBe(2);
    expect(countOf(html, '<li class="call')).toBe(24);
    expect(html).toContain('<h2 id="batch-1-title">first one</h2>');
    expect(html).toContain('<h2 id="batch-2-title">Batch 2</h2>');
    const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const targets = [...html.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
    for (const target of targets) expect(ids).toContain(target);
  });

  it("says what a batch as a whole took, and what it could have", async () => {
    const html = reportToHtml(await sampleReport());
    for (const text of [
      "<b>830 ms</b>",
      "1.17 times the lower bound",
      "<b>710 ms</b>",
      "the cap of resource db",
      "<b>1.83 s</b>",
      "2.2 times as long",
    ]) {
      expect(html).toContain(text);
    }
  });

  it("is the same for the same report", async () => {
    const report = await sampleReport();
    expect(reportToHtml(report)).toBe(reportToHtml(structuredClone(report)));
  });

  it("has arguments only where the report has them", async () => {
    const report = await recordBatch(
      [{ name: "t", ms: 5, args: { q: "secret" } }],
      new FakeClock(),
    );
    const plain = reportToHtml(report);
    expect(plain).not.toContain("secret");
    expect(plain).not.toContain("Arguments");
    const [call] = report.calls;
    const calls = [{ ...call!, args: { q: 'a "b" <c>' } }];
    expect(reportToHtml({ ...report, calls })).toContain(
      "{\n  &quot;q&quot;: &quot;a \\&quot;b\\&quot; &lt;c&gt;&quot;\n}",
    );
  });

  it("shows calls whose arguments have no JSON, and cuts those that are long", async () => {
    const report = await recordBatch([{ name: "t", ms: 5 }], new FakeClock());
    const cyclic: unknown[] = [];
    cyclic.push(cyclic);
    const withArgs = (args: unknown): BatchReport => ({
      ...report,
      calls: report.calls.map((call) => ({ ...call, args })),
    });
    expect(reportToHtml(withArgs(cyclic))).toContain("can&#39;t be written");
    const long = reportToHtml(withArgs("x".repeat(1e6)));
    expect(long.length - reportToHtml(report).length).toBeLessThan(11_000);
  });

  it("shows a batch of no calls, and no batch at all", async () => {
    const empty = await recordBatch([], new FakeClock());
    expect(reportToHtml(empty)).toContain("There was nothing to run.");
    expect(reportToHtml([])).toContain("<p>0 batches, 0 calls</p>");
  });

  it("shows in which way each call ended", async () => {
    const clock = new FakeClock();
    const report = await recordBatch(
      [
        { name: "get", ms: 10 },
        { name: "get", ms: 10 },
        { name: "t", ms: 50, fails: true },
        { name: "u", ms: 5, dependsOn: [2] },
        { name: "v", ms: [10, 5], restMs: 100 },
      ],
      clock,
      { abortAtMs: 60 },
    );
    const html = reportToHtml(report);
    const icons = [...html.matchAll(/<svg class="icon (\w+)"/g)];
    expect(icons.map(([, icon]) => icon)).toEqual([
      "ok",
      "shared",
      "error",
      "skipped",
      "aborted",
    ]);
    expect(html).toContain("<dt>Shares the answer of</dt>");
  });

  it("takes numbers that are none for nothing", async () => {
    const report = await sampleReport();
    const broken = {
      ...report,
      beganAt: Number.NaN,
      durationMs: Number.NaN,
      lowerBound: { ms: Number.NaN, by: "path" as const },
    };
    const html = reportToHtml(broken);
    expect(html).not.toMatch(/(?:x|width|x1|x2)="(?:NaN|Infinity|-)/);
    expect(html).toContain("12 calls");
  });
});

describe("reportToHtml, of more calls than fit on a screen", () => {
  it("has an overview of all calls above those that scroll", async () => {
    const html = reportToHtml(await largeReport(41));
    expect(countOf(html, '<div class="waterfall long">')).toBe(1);
    const [overview = ""] = /<svg class="overview".*<\/svg>/.exec(html) ?? [];
    expect(html.indexOf(overview)).toBeLessThan(html.indexOf("waterfall long"));
    const heights = [
      ...overview.matchAll(/ y="([^"]+)" width[^>]+ height="([^"]+)"/g),
    ];
    // A line for each call, a 41st of the height, which starts where the last ends.
    expect(new Set(heights.map(([, , height]) => height))).toEqual(
      new Set(["2.439%"]),
    );
    const tops = new Set(heights.map(([, top]) => top));
    expect(tops.size).toBe(41);
    expect([...tops].at(0)).toBe("0%");
    expect([...tops].at(-1)).toBe("97.561%");
    for (const kind of ["running", "dependency", "concurrency"]) {
      expect(overview).toContain(`<rect class="${kind}"`);
    }
    // The critical path.
    expect(overview).toContain("<line");
  });

  it("has none of calls that fit", async () => {
    const html = reportToHtml(await largeReport(40));
    expect(html).toContain('<div class="waterfall">');
    expect(html).not.toContain('class="overview"');
  });
});

describe("a place on the axis", () => {
  it("is never outside of it", () => {
    expect(percent(50, 200)).toBe("25%");
    expect(percent(300, 200)).toBe("100%");
    expect(percent(-1, 200)).toBe("0%");
    expect(percent(1, 0)).toBe("0%");
    expect(percentSpan(150, 250, 200)).toEqual({ x: "75%", width: "25%" });
    expect(percentSpan(0, 200 / 3, 200)).toEqual({ x: "0%", width: "33.333%" });
    expect(percentSpan(0, 0, 0)).toEqual({ x: "0%", width: "0%" });
  });

  it("is wide enough to be seen, where that is wanted", () => {
    expect(percentSpan(50, 50, 200, 1)).toEqual({ x: "25%", width: "1%" });
    expect(percentSpan(200, 200, 200, 1)).toEqual({ x: "99%", width: "1%" });
  });
});

describe("where the time went", () => {
  it("is what the critical path did, one call after the other", async () => {
    const report = await sampleReport();
    expect(report.criticalPath).toEqual([0, 3, 11]);
    expect(whereTimeWent(pathOf(report))).toEqual([
      { kind: "running", ms: 680 },
      { kind: "concurrency", limit: "resource db", ms: 150 },
    ]);
  });

  it("adds up to the time that the batch took", async () => {
    const report = await sampleReport();
    const sum = whereTimeWent(pathOf(report)).reduce(
      (total, { ms }) => total + ms,
      0,
    );
    expect(sum).toBe(report.durationMs);
  });
});

describe("reportToHtml, of batches inside of calls", () => {
  it("folds them away below the call inside of which they ran", async () => {
    const html = reportToHtml(await sampleTree());
    expect(countOf(html, '<section class="batch"')).toBe(1);
    expect(html).toContain("<p>5 batches, 10 calls</p>");
    expect(html).toContain(
      "3 calls · mixed · depth 2 · 7 calls in 4 batches inside",
    );
    expect(countOf(html, '<li class="call')).toBe(10);
    const folds = [
      ...html.matchAll(
        /<li class="inside">.*?<span class="name">(.*?)<\/span>.*?> inside of (.*?)<\/span>/g,
      ),
    ].map(([, what, where]) => `${what} inside of ${where}`);
    expect(folds).toEqual([
      "3 calls in 2 batches inside of call 1",
      "4 calls in 2 batches inside of call 2",
      "2 calls in 1 batch inside of call 2",
    ]);
    expect(html).not.toContain("<details open");
    const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toContain("batch-1-2-1-2-1-1");
    const targets = [...html.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
    for (const target of targets) expect(ids).toContain(target);
  });

  it("marks of their calls those on the critical path of the whole", async () => {
    const html = reportToHtml(await sampleTree());
    const critical = [
      ...html.matchAll(/<li class="call critical" id="([^"]+)"/g),
    ];
    expect(critical.map(([, id]) => id)).toEqual([
      "batch-1-2",
      "batch-1-2-1-1",
      "batch-1-2-1-2",
      "batch-1-2-1-2-1-1",
      "batch-1-2-1-2-1-2",
      "batch-1-3",
    ]);
  });

  it("places them on the axis of the whole, and counts their times from its start", async () => {
    const html = reportToHtml(await sampleTree());
    const row = html.slice(html.indexOf('id="batch-1-1-2-1"'));
    // `read` ran from 70 ms to 90 ms of 200 ms.
    expect(row).toMatch(
      /^[^§]*?<rect class="running" x="35%" y="2" width="10%"/,
    );
    expect(row).toMatch(/^[^§]*?20 ms, from 70 ms to 90 ms/);
  });

  it("says where the time went also inside of calls", async () => {
    const clock = new FakeClock();
    const limits = createLimits("tool t", { concurrency: 1 }, clock);
    const [parent] = await nestedReports([
      { id: "p", steps: [{ name: "ask", ms: 50 }] },
    ]);
    const steps = [
      { name: "t", ms: 10, limits },
      { name: "t", ms: 20, limits },
    ];
    const inside = { batchId: "p", index: 0, id: "id0", name: "ask" };
    const child = await recordBatch(steps, clock, {
      identity: { id: "c", inside },
    });
    expect(whereTimeWent(pathOf([child, parent!]))).toEqual([
      { kind: "running", ms: 40 },
      { kind: "concurrency", limit: "tool t", ms: 10 },
    ]);
  });

  it("takes the titles of batches that stand for themselves", async () => {
    const reports = await sampleTree();
    const titles = ["a", "b", "c", "d", "the plan"];
    const html = reportToHtml(reports, { titles });
    expect(html).toContain('<h2 id="batch-1-title">the plan</h2>');
  });

  it("escapes the texts in them", async () => {
    const name = '<img src=x onerror="alert(1)">';
    const reports = await nestedReports([
      { id: "p", steps: [{ name, ms: 50 }] },
      {
        id: "c",
        inside: ["p", 0],
        steps: [{ name, ms: 20, args: { q: "secret" } }],
      },
    ]);
    const html = reportToHtml(reports);
    expect(html).not.toContain("<img");
    expect(html).not.toContain("secret");
    expect(countOf(html, "&lt;img")).toBeGreaterThan(1);
  });
});
