import process from "node:process";
import type { BatchReport } from "parallel-tools-node";
import { formatReport } from "parallel-tools-node/report";
import { afterEach, describe, expect, it, vi } from "vitest";
import { columnsOf } from "@/report/text/columns.js";
import { FakeClock } from "../support/fake-clock.js";
import { recordBatch } from "../support/record-batch.js";
import { nestedReports, sampleTree } from "../support/nested-report.js";
import { sampleReport } from "../support/sample-report.js";

const ESCAPE = "\u001B";

function linesOf(report: BatchReport, width = 100): string[] {
  return formatReport(report, { width, color: false }).split("\n");
}

describe("formatReport", () => {
  it("draws a line for each call: what it waited for, and when it ran", async () => {
    expect(linesOf(await sampleReport(), 90)).toEqual([
      "12 calls in 830 ms; one at a time they run for 1.83 s, 2.2 times as long.",
      "No schedule could take less than 710 ms, by the cap of resource db: this one took 1.17",
      "times that.",
      "All calls together waited for: another call 1.32 s, cap 150 ms, rate limit 500 ms,",
      "back-off 100 ms.",
      "",
      "                   0                      500 ms",
      "*  1 find_company  ████████                                180 ms",
      "   2 get_person    ········██████████                      210 ms, after call 1",
      "   3 get_revenue   ········████████                        150 ms, after call 1",
      "*  4 count_patents ········-------███████████████          300 ms, after call 1, cap of r…",
      "   5 search        ███████████                             240 ms",
      "   6 search        ██████████                              220 ms",
      "   7 search        =======================××~~~~~███████   180 ms, 2 attempts, rate limit…",
      "   8 get           ████                                    90 ms",
      "   9 get           ····                                    the answer of call 8",
      "  10 send_mail     ×××                                     60 ms, error",
      "  11 log_mail      ···                                     skipped, after call 10",
      "* 12 write_report  ·····························██████████ 200 ms, after call 4",
      "",
      "██ running   ×× failed   ·· waits for another call   -- cap   == rate limit   ~~ back-off",
      "* critical path",
    ]);
  });

  it("tells calls that failed or did not run from others by words", async () => {
    const lines = linesOf(await sampleReport(), 120);
    expect(lines.find((line) => line.includes("send_mail"))).toMatch(
      /× +60 ms, error$/,
    );
    expect(lines.find((line) => line.includes("log_mail"))).toMatch(
      /· +skipped, after call 10$/,
    );
    expect(lines.find((line) => line.includes(" 9 get"))).toMatch(
      /· +the answer of call 8$/,
    );
  });

  it.each([40, 41, 60, 80, 133, 300])(
    "keeps every line to %i columns",
    async (width) => {
      for (const line of linesOf(await sampleReport(), width)) {
        expect(columnsOf(line)).toBeLessThanOrEqual(width);
      }
    },
  );

  it("shows in the legend what is drawn, and nothing else", async () => {
    const report = await recordBatch(
      [
        { name: "a", ms: 10 },
        { name: "b", ms: 10, dependsOn: [0] },
      ],
      new FakeClock(),
    );
    expect(linesOf(report).at(-1)).toBe(
      "██ running   ·· waits for another call   * critical path",
    );
  });

  it("marks the critical path", async () => {
    const report = await recordBatch(
      [
        { name: "a", ms: 10 },
        { name: "b", ms: 20 },
        { name: "c", ms: 5, dependsOn: [1] },
      ],
      new FakeClock(),
    );
    const marks = linesOf(report).flatMap(
      (line) => /^([* ]) \d [abc]/.exec(line)?.slice(1) ?? [],
    );
    expect(marks).toEqual([" ", "*", "*"]);
  });

  it("says so where no schedule could have been faster", async () => {
    const report = await recordBatch([{ name: "a", ms: 10 }], new FakeClock());
    expect(linesOf(report)[1]).toBe(
      "No schedule could take less than 10 ms, by the longest path: this one took just that.",
    );
  });

  it("draws calls that took no time, and batches that did not", async () => {
    const report = await recordBatch([{ name: "a", ms: 0 }], new FakeClock());
    expect(linesOf(report)).toEqual([
      "1 call in 0 ms.",
      "",
      "      0",
      `* 1 a █${" ".repeat(88)} 0 ms`,
      "",
      "██ running   * critical path",
    ]);
    expect(linesOf(await recordBatch([], new FakeClock()))).toEqual([
      "0 calls in 0 ms.",
    ]);
  });

  it("shows arguments only where the report has them", async () => {
    const report = await recordBatch(
      [{ name: "t", ms: 5, args: { q: "secret" } }],
      new FakeClock(),
    );
    expect(linesOf(report).join("\n")).not.toContain("secret");
    const [call] = report.calls;
    const calls = [{ ...call!, args: { q: "not secret" } }];
    expect(linesOf({ ...report, calls }).join("\n")).toContain(
      '* 1 t {"q":"not secret"} █',
    );
  });

  it("lets no name or argument move the cursor, colour or break a line", async () => {
    const hostile = `${ESCAPE}[2J\r\n\u0007\u202Eevil\u2028\u0085${"x".repeat(1e6)}`;
    const report = await recordBatch(
      [{ name: hostile, ms: 5, fails: true }],
      new FakeClock(),
    );
    const [call] = report.calls;
    const cyclic: Record<string, unknown> = { big: 1n };
    cyclic["self"] = cyclic;
    const wait = { for: "rate", limit: hostile, startMs: 0, ms: 1 } as const;
    const calls = [{ ...call!, waits: [wait], args: cyclic }];
    const lowerBound = { ms: 5, ratio: 1, by: "rate", limit: hostile } as const;
    const text = formatReport(
      { ...report, calls, lowerBound },
      { width: 100, color: false },
    );
    expect(text).not.toMatch(/[^\P{C}\n]|[\p{Zl}\p{Zp}]/u);
    for (const line of text.split("\n")) {
      expect(columnsOf(line)).toBeLessThanOrEqual(100);
    }
  });

  it("counts wide characters and marks as the terminal does", async () => {
    const report = await recordBatch(
      [
        { name: "天気を検索する道具", ms: 5 },
        { name: "e\u0301te\u0301", ms: 5 },
        { name: "🌦🌦", ms: 5 },
      ],
      new FakeClock(),
    );
    const before = linesOf(report, 60)
      .filter((line) => /^[* ] \d/.test(line))
      .map((line) => columnsOf(line.slice(0, line.indexOf("█"))));
    expect(before).toEqual([19, 19, 19]);
  });
});

describe("formatReport, of several reports", () => {
  const draw = (reports: readonly BatchReport[], width = 80) =>
    formatReport(reports, { width, color: false });

  it("draws below each call what ran inside of it, on one axis", async () => {
    expect(draw(await sampleTree()).split("\n")).toEqual([
      "3 calls in 200 ms; one at a time, calls that run as long take 300 ms, 1.50 times",
      "as long.",
      "No schedule of calls that run as long could take less than 200 ms, by the",
      "longest path: this one took just that.",
      "All calls together waited for: another call 160 ms.",
      "Inside of its calls ran 7 calls in 4 batches.",
      "",
      "              0          50 ms      100 ms     150 ms",
      "  1 ask       ███████████████████████                       100 ms",
      "    1 search    ███████                                     30 ms",
      "    2 search    ████████████                                50 ms",
      "    1 read                   █████                          20 ms",
      "* 2 ask       ████████████████████████████████████          160 ms",
      "*   1 scan     █████                                        20 ms",
      "*   2 ask      ····████████████████████████████             120 ms, after call 1",
      "*     1 check      ██████████                               40 ms",
      "*     2 fix        ·········████████████████                70 ms, after call 1",
      "* 3 sum_up    ····································█████████ 40 ms, after call 2",
      "",
      "██ running   ·· waits for another call   * critical path",
    ]);
  });

  it("draws one after the other what doesn't belong together", async () => {
    const [search, read] = (await sampleTree()) as [BatchReport, BatchReport];
    expect(draw([search, read])).toBe(
      [search, read].map((one) => draw([one])).join("\n\n"),
    );
    expect(draw([])).toBe("");
  });

  it("draws one report as it draws that report alone", async () => {
    const report = await sampleReport();
    expect(draw([report])).toBe(
      formatReport(report, { width: 80, color: false }),
    );
  });

  it("keeps to the width, however deep it goes", async () => {
    const reports = await nestedReports(
      Array.from({ length: 30 }, (_, i) => ({
        id: `${i}`,
        beganMs: i,
        ...(i > 0 && { inside: [`${i - 1}`, 0] as const }),
        steps: [{ name: "ask", ms: 100 - 2 * i }],
      })),
    );
    const lines = draw(reports, 40).split("\n");
    expect(lines.filter((line) => line.includes("█"))).toHaveLength(31);
    for (const line of lines) expect(columnsOf(line)).toBeLessThanOrEqual(40);
  });
});

describe("the colours of formatReport", () => {
  const { isTTY, columns } = process.stdout;

  afterEach(() => {
    Object.assign(process.stdout, { isTTY, columns });
    vi.unstubAllEnvs();
  });

  async function isColoured(
    terminal: boolean,
    environment: Record<string, string>,
    options = {},
  ) {
    for (const name of ["NO_COLOR", "FORCE_COLOR", "TERM"]) {
      vi.stubEnv(name, environment[name] ?? "");
    }
    Object.assign(process.stdout, { isTTY: terminal });
    const text = formatReport(await sampleReport(), options);
    return text.includes(ESCAPE);
  }

  it("are there on a terminal only, as its environment wants it", async () => {
    expect(await isColoured(true, { TERM: "xterm" })).toBe(true);
    expect(await isColoured(false, { TERM: "xterm" })).toBe(false);
    expect(await isColoured(true, { TERM: "dumb" })).toBe(false);
    expect(await isColoured(true, { NO_COLOR: "1" })).toBe(false);
    expect(await isColoured(false, { FORCE_COLOR: "1" })).toBe(true);
    expect(await isColoured(true, { FORCE_COLOR: "0" })).toBe(false);
  });

  it("can be asked for and forbidden", async () => {
    expect(await isColoured(false, {}, { color: true })).toBe(true);
    expect(await isColoured(true, {}, { color: false })).toBe(false);
  });

  it("change nothing but colours", async () => {
    const report = await sampleReport();
    const coloured = formatReport(report, { width: 90, color: true });
    // oxlint-disable-next-line no-control-regex -- the codes
    expect(coloured.replaceAll(/\u001B\[\d+m/g, "")).toBe(
      formatReport(report, { width: 90, color: false }),
    );
  });

  it("leave the width of the terminal alone: it is taken where none is given", async () => {
    Object.assign(process.stdout, { columns: 63 });
    const report = await sampleReport();
    expect(formatReport(report, { color: false })).toBe(
      formatReport(report, { color: false, width: 63 }),
    );
    Object.assign(process.stdout, { columns: 10 });
    expect(formatReport(report, { color: false })).toBe(
      formatReport(report, { color: false, width: 40 }),
    );
  });
});
