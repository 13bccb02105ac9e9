import { mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { BatchReport } from "parallel-tools-node";
import { reportToHtml } from "parallel-tools-node/report";
import { beforeAll, describe, expect, it } from "vitest";
import { violationsOf } from "../../support/axe.js";
import { hasChromium } from "../../support/chromium.js";
import { FakeClock } from "../../support/fake-clock.js";
import { largeReport } from "../../support/large-report.js";
import { pictureOf } from "../../support/picture.js";
import { recordBatch } from "../../support/record-batch.js";
import { sampleTree } from "../../support/nested-report.js";
import { sampleReport } from "../../support/sample-report.js";
import { useChromium } from "../../support/use-chromium.js";

const measureLayout = readFileSync(
  path.join(import.meta.dirname, "measure-layout.js"),
  "utf8",
);
/** Pictures of the pages, for people to look at; no test compares them. */
const pictures = path.resolve(
  import.meta.dirname,
  "../../../test-results/html",
);

const reports: Record<number, BatchReport> = {
  1: await recordBatch([{ name: "get_weather", ms: 212 }], new FakeClock()),
  12: await sampleReport(),
  500: await largeReport(500),
};
const cases = [1, 12, 500].flatMap((calls) =>
  [390, 1024, 1920].flatMap((width) =>
    (["light", "dark"] as const).map((scheme) => ({ calls, width, scheme })),
  ),
);

describe.skipIf(!hasChromium)("in Chromium, the HTML of a report", () => {
  const chromium = useChromium();

  beforeAll(() => {
    mkdirSync(pictures, { recursive: true });
  });

  it.each(cases)(
    "of $calls calls at $width, $scheme, has everything in its place and in reach",
    async ({ calls, width, scheme }) => {
      const html = reportToHtml(reports[calls] as BatchReport);
      const { page, complaints } = await chromium.open(html, {
        width,
        colorScheme: scheme,
      });
      expect(await page.evaluate(measureLayout)).toEqual([]);
      await page.screenshot({
        path: path.join(pictures, `${calls}-${width}-${scheme}.png`),
        fullPage: true,
      });
      // Colours take long to check: for 500 calls, at one width only.
      const withContrast = calls <= 12 || width === 1024;
      expect(await violationsOf(page, withContrast)).toEqual([]);
      // The same with open details, of the first call and of the last.
      for (const ordinal of new Set([1, calls])) {
        await page.locator(`#batch-1-${ordinal} summary`).click();
        expect(await page.locator(".more:visible").count()).toBe(1);
        expect(await page.evaluate(measureLayout)).toEqual([]);
      }
      expect(calls <= 12 ? await violationsOf(page) : []).toEqual([]);
      expect(complaints).toEqual([]);
      await page.context().close();
    },
    120_000,
  );

  it.each(["light", "dark"] as const)(
    "tells waiting from running without colour, %s",
    async (colorScheme) => {
      const html = reportToHtml(reports[12] as BatchReport);
      const { page } = await chromium.open(html, {
        width: 1024,
        colorScheme,
      });
      const kinds = [
        "running",
        "failed",
        "dependency",
        "concurrency",
        "rate",
        "retry",
      ];
      const contrasts: Record<string, number> = {};
      const heights: Record<string, number> = {};
      for (const kind of kinds) {
        const rect = page.locator(`.bar rect.${kind}`).first();
        const box = (await rect.boundingBox())!;
        const clip = {
          x: box.x + 3,
          y: box.y + 2,
          width: Math.min(24, box.width - 6),
          height: box.height - 4,
        };
        const picture = await pictureOf(
          chromium.browser(),
          await page.screenshot({ clip }),
        );
        contrasts[kind] = picture.contrast;
        heights[kind] = box.height;
      }
      // The bar of an attempt has one shade; all others have a pattern.
      expect(contrasts["running"]).toBeLessThan(1.05);
      for (const kind of kinds.slice(1)) {
        expect(contrasts[kind], kind).toBeGreaterThan(2);
      }
      for (const kind of kinds.slice(2)) {
        expect(heights[kind]).toBeLessThan(heights["running"]!);
      }
      await page.context().close();
    },
    120_000,
  );

  it.each(
    [390, 1024, 1920].flatMap(
      (width) =>
        [
          [width, "light"],
          [width, "dark"],
        ] as const,
    ),
  )(
    "of a tree at %i, %s, has everything in its place, folded and open",
    async (width, colorScheme) => {
      const html = reportToHtml(await sampleTree());
      const { page, complaints } = await chromium.open(html, {
        width,
        colorScheme,
      });
      expect(await page.evaluate(measureLayout)).toEqual([]);
      expect(await page.locator(".path:visible").count()).toBe(1);
      const folds = page.locator(".inside > details > summary");
      for (const i of [0, 1, 2]) {
        await folds.nth(i).click();
        expect(await page.evaluate(measureLayout)).toEqual([]);
      }
      await page.screenshot({
        path: path.join(pictures, `tree-${width}-${colorScheme}.png`),
        fullPage: true,
      });
      expect(await violationsOf(page)).toEqual([]);
      await page.locator("#batch-1-2-1-2-1-2 summary").click();
      expect(await page.locator(".more:visible").count()).toBe(1);
      expect(await page.locator(".call:visible").count()).toBe(10);
      expect(await page.evaluate(measureLayout)).toEqual([]);
      expect(complaints).toEqual([]);
      await page.context().close();
    },
    120_000,
  );

  it("keeps to the edges with long names and many batches", async () => {
    const long = "a_name_that_goes_on_and_on_".repeat(12);
    const report = await recordBatch(
      [
        { name: long, ms: 10, args: { long } },
        { name: "天気を検索する道具", ms: 10, dependsOn: [0] },
        { name: "أداة البحث", ms: 10, dependsOn: [1] },
      ],
      new FakeClock(),
    );
    const calls = report.calls.map((call) => ({
      ...call,
      id: long,
      args: [long],
    }));
    const html = reportToHtml([{ ...report, calls }, report], {
      title: long,
      titles: [long],
    });
    for (const width of [390, 1024]) {
      const { page } = await chromium.open(html, { width });
      const problems = await page.evaluate<string[]>(measureLayout);
      // Long names end in an ellipsis; nothing else is cut.
      expect(
        problems.filter((one) => !one.includes("text is clipped")),
      ).toEqual([]);
      expect(problems.every((one) => one.includes("a_name_that_goes_on"))).toBe(
        true,
      );
      await page.locator("summary").first().click();
      expect(
        await page.evaluate("document.documentElement.scrollWidth"),
      ).toBeLessThanOrEqual(width);
      expect(await violationsOf(page)).toEqual([]);
      await page.context().close();
    }
  }, 120_000);
});
