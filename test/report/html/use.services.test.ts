import { reportToHtml } from "parallel-tools-node/report";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { hasChromium } from "../../support/chromium.js";
import { FakeClock } from "../../support/fake-clock.js";
import { largeReport } from "../../support/large-report.js";
import { recordBatch } from "../../support/record-batch.js";
import { sampleTree } from "../../support/nested-report.js";
import { sampleReport } from "../../support/sample-report.js";
import { useChromium } from "../../support/use-chromium.js";

const html = reportToHtml(await sampleReport());

/** The ordinal of the call that has the focus, if one has. */
function focused(page: Page): Promise<unknown> {
  return page.evaluate(
    `document.activeElement.closest(".call")?.querySelector(".ordinal").textContent`,
  );
}

/** How many arrows are visible, by the ordinal of their call. */
function arrowsOf(page: Page): Promise<unknown> {
  return page.evaluate(
    `Object.fromEntries([...document.querySelectorAll(".arrows")]
       .filter((one) => one.checkVisibility())
       .map((one) => [one.closest(".call").querySelector(".ordinal").textContent,
                      one.querySelectorAll("circle").length]))`,
  );
}

function openOnes(page: Page): Promise<unknown> {
  return page.evaluate(
    `[...document.querySelectorAll("details[open] .ordinal")].map((one) => one.textContent)`,
  );
}

describe.skipIf(!hasChromium)("someone who uses the HTML of a report", () => {
  const chromium = useChromium();
  const open = (content = html, options = {}) =>
    chromium.open(content, options);

  it("sees what a call waited for as arrows, on hover and on focus", async () => {
    const { page } = await open();
    expect(await arrowsOf(page)).toEqual({});
    await page.locator("#batch-1-12 summary").hover();
    expect(await arrowsOf(page)).toEqual({ 12: 3 });
    await page.mouse.move(0, 0);
    await page.locator("#batch-1-4 summary").focus();
    expect(await arrowsOf(page)).toEqual({ 4: 1 });
    await page.context().close();
  }, 120_000);

  it.each([390, 1024])(
    "sees each arrow go from an end to a start, at %i",
    async (width) => {
      const { page } = await open(html, { width });
      await page.locator("#batch-1-12 summary").hover();
      const gaps = await page.evaluate(`(() => {
        const box = (element) => element.getBoundingClientRect();
        const bar = (ordinal) => box([...document.querySelectorAll("#batch-1-" + ordinal + " .bar .running")].at(-1));
        const dots = [...document.querySelectorAll("#batch-1-12 .arrows circle")].map(box);
        const ends = [2, 3, 4].map(bar);
        const heads = [...document.querySelectorAll("#batch-1-12 .arrows line[marker-end]")].map(box);
        const middle = ({ top, bottom }) => (top + bottom) / 2;
        return [
          ...dots.map((dot, i) => (dot.left + dot.right) / 2 - ends[i].right),
          ...dots.map((dot, i) => middle(dot) - middle(ends[i])),
          ...heads.map((head) => head.right - bar(12).left),
          ...heads.map((head) => head.bottom - middle(bar(12))),
        ];
      })()`);
      expect(gaps).toHaveLength(12);
      for (const gap of gaps as number[]) {
        expect(Math.abs(gap)).toBeLessThan(2);
      }
      await page.context().close();
    },
    120_000,
  );

  it("gets to the calls with one Tab, and from call to call with arrow keys", async () => {
    const { page } = await open(reportToHtml(await largeReport(500)));
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.textContent")).toBe(
      "Skip the calls",
    );
    await page.keyboard.press("Tab");
    expect(await focused(page)).toBe("1");
    const steps = [
      ["ArrowDown", "2"],
      ["PageDown", "12"],
      ["End", "500"],
      ["ArrowDown", "500"],
      ["ArrowUp", "499"],
      ["Home", "1"],
      ["ArrowUp", "1"],
    ] as const;
    for (const [key, ordinal] of steps) {
      await page.keyboard.press(key);
      expect(await focused(page), key).toBe(ordinal);
    }
    await page.keyboard.press("End");
    const inView = `(() => {
      const { top, bottom } = document.activeElement.getBoundingClientRect();
      return top >= 0 && bottom <= innerHeight;
    })()`;
    expect(await page.evaluate(inView)).toBe(true);
    await page.keyboard.press("Tab");
    expect(await focused(page)).toBeUndefined();
    await page.context().close();
  }, 120_000);

  it("opens and closes details by keyboard, one at a time", async () => {
    const { page } = await open();
    await page.locator("#batch-1-1 summary").focus();
    await page.keyboard.press("Enter");
    expect(await openOnes(page)).toEqual(["1"]);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Space");
    expect(await openOnes(page)).toEqual(["2"]);
    // Follows the link to the call that it waited for.
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await expect.poll(() => focused(page)).toBe("1");
    expect(await openOnes(page)).toEqual([]);
    await page.keyboard.press("Enter");
    await page.keyboard.press("Escape");
    expect(await openOnes(page)).toEqual([]);
    expect(await focused(page)).toBe("1");
    await page.locator("#batch-1-3 summary").click();
    await page.locator("h1").click();
    expect(await openOnes(page)).toEqual([]);
    await page.context().close();
  }, 120_000);

  it("opens and closes what ran inside of a call, by keyboard and by mouse", async () => {
    const { page } = await open(reportToHtml(await sampleTree()));
    const visible = () => page.locator(".call:visible").count();
    expect(await visible()).toBe(3);
    await page.locator("#batch-1-1 summary").focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    // What is folded away is no stop.
    expect(await focused(page)).toBe("2");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    expect(await visible()).toBe(5);
    await page.keyboard.press("ArrowDown");
    expect(await focused(page)).toBe("1");
    await page.keyboard.press("Enter");
    expect(await page.locator(".more:visible").count()).toBe(1);
    // Closes the details, and leaves open what ran inside.
    await page.keyboard.press("Escape");
    await page.locator("h1").click();
    expect(await page.locator(".more:visible").count()).toBe(0);
    expect(await visible()).toBe(5);
    await page.locator(".inside > details > summary").first().click();
    expect(await visible()).toBe(8);
    await page.keyboard.press("Space");
    expect(await visible()).toBe(5);
    await page.context().close();
  }, 120_000);

  it("shows the path and the arrows of a list only while nothing in it is open", async () => {
    const { page } = await open(reportToHtml(await sampleTree()));
    const paths = () => page.locator(".path:visible").count();
    await page.locator("#batch-1-3 summary").hover();
    expect(await arrowsOf(page)).toEqual({ 3: 2 });
    expect(await paths()).toBe(1);
    await page.locator(".inside > details > summary").nth(1).click();
    await page.locator("#batch-1-3 summary").hover();
    expect(await arrowsOf(page)).toEqual({});
    // That of the list which has been opened.
    expect(await paths()).toBe(1);
    await page.context().close();
  }, 120_000);

  it("hears how a call ended, what it waited for and how long it ran", async () => {
    const { page } = await open();
    const names = await page
      .locator("summary")
      .evaluateAll((summaries) =>
        summaries.map((one) =>
          String((one as { innerText?: string }).innerText),
        ),
      );
    const spoken = names.map((name) => name.replaceAll(/\s+/g, " "));
    expect(spoken[3]).toContain(
      "4 count_patents , ok, waited 180 ms for call 1, waited 150 ms for cap of resource db, ran 300 ms, on the critical path",
    );
    expect(spoken[6]).toContain("ran 180 ms in 2 attempts");
    expect(spoken[10]).toContain("skipped, waited 60 ms for call 10, not run");
    const tree = await page.locator("ol.calls").ariaSnapshot();
    expect(tree).toContain("list:");
    await page.context().close();
  }, 120_000);

  it("reads and opens everything without scripts", async () => {
    const { page, complaints } = await open(html, { javaScriptEnabled: false });
    await page.locator("#batch-1-7 summary").focus();
    await page.keyboard.press("Enter");
    const more = page.locator("#batch-1-7 .more");
    expect(await more.isVisible()).toBe(true);
    expect(await more.innerText()).toContain(
      "rate limit of resource serp: 500 ms, from 0 ms to 500 ms",
    );
    await page.locator("#batch-1-4 summary").focus();
    expect(await page.locator("#batch-1-4 .arrows").isVisible()).toBe(true);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    expect(complaints).toEqual([]);
    await page.context().close();
  }, 120_000);

  it("is safe from names, limits, arguments and titles that are markup", async () => {
    const evil = `</title></style></script><script>window.hacked = 1; alert(1)</script><img src=x onerror="window.hacked=1">"'><svg onload=alert(1)>\u202E\u0000`;
    const report = await recordBatch([{ name: evil, ms: 5 }], new FakeClock());
    const calls = report.calls.map((call) => ({
      ...call,
      id: evil,
      args: { [evil]: evil },
      dependsOn: [{ index: 0, reason: "after" as const, detail: evil }],
      waits: [{ for: "rate" as const, limit: evil, startMs: 0, ms: 1 }],
    }));
    const lowerBound = { ms: 5, ratio: 1, by: "rate", limit: evil } as const;
    const hostile = { ...report, calls, lowerBound };
    const { page, complaints } = await open(
      reportToHtml([hostile, hostile], { title: evil, titles: [evil] }),
    );
    await page.locator("summary").first().click();
    expect(complaints).toEqual([]);
    expect(await page.evaluate("window.hacked")).toBeUndefined();
    expect(
      await page.evaluate(
        `["script", "img", "style", "title"].map((name) => document.querySelectorAll(name).length)`,
      ),
    ).toEqual([1, 0, 1, 1]);
    expect(await page.locator(".name").first().innerText()).toContain(
      "</title></style></script><script>window.hacked = 1;",
    );
    expect(await page.locator("pre").first().innerText()).toContain(
      "<img src=x",
    );
    expect(await page.content()).not.toContain("\u202E");
    await page.context().close();
  }, 120_000);

  it("is protected by a policy against markup that would slip through", async () => {
    const broken = html.replace(
      "<main>",
      `<main><script>window.hacked = 1</script><img src="https://example.invalid/x.png" onerror="window.hacked = 2">`,
    );
    const { page, complaints } = await open(broken);
    expect(await page.evaluate("window.hacked")).toBeUndefined();
    for (const what of ["inline script", "inline event", "Loading the image"]) {
      expect(complaints.join("\n")).toContain(what);
    }
    await page.context().close();
  }, 120_000);
});
