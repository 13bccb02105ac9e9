import { diagnose, diagnosisToHtml } from "parallel-tools-node/diagnose";
import { describe, expect, test } from "vitest";
import { violationsOf } from "../support/axe.js";
import { hasChromium } from "../support/chromium.js";
import { useChromium } from "../support/use-chromium.js";
import { type Step, turns, user } from "./support/conversation.js";

const LONG = "a_name_that_goes_on_and_on_".repeat(12);
const SHORT: Step[] = [
  ["list", {}, { orders: ["ORD-1001", "ORD-1002"] }],
  ["get", { id: "ORD-1001" }, { item: "pen" }],
  ["get", { id: "ORD-1002" }, { item: "ink" }],
  ["note", { text: "pen and ink" }, "noted"],
];

const pages = {
  "four turns": diagnosisOf(SHORT, ["list", "get"]),
  "nothing to find": diagnosisOf([], []),
  // More boxes than a strip shows.
  "a hundred turns": diagnosisOf(
    Array.from(
      { length: 100 },
      (_, i): Step => ["get", { id: `ORD-${i}` }, "pen"],
    ),
    ["get"],
  ),
  "long and foreign names": diagnosisOf(
    [
      [LONG, { [LONG]: 1 }, LONG],
      ["天気を検索する道具", {}, "晴れ"],
      ["أداة البحث", {}, "<script>alert(1)</script>"],
      [LONG, { [LONG]: 2 }, "done"],
    ],
    [LONG, "天気を検索する道具", "أداة البحث"],
  ),
};

function diagnosisOf(calls: Step[], reads: readonly string[]): string {
  const messages = [...user("What is in my orders?"), ...turns(...calls)];
  const diagnosis = diagnose(messages, { reads: [...reads], showValues: true });
  return diagnosisToHtml(diagnosis);
}

const cases = Object.keys(pages).flatMap((name) =>
  [390, 1024, 1920].flatMap((width) =>
    (["light", "dark"] as const).map((scheme) => ({ name, width, scheme })),
  ),
);

describe.skipIf(!hasChromium)("in Chromium, the HTML of a diagnosis", () => {
  const chromium = useChromium();

  test.each(cases)(
    "of $name at $width, $scheme, keeps to the edges, and axe has nothing against it",
    async ({ name, width, scheme }) => {
      const html = pages[name as keyof typeof pages];
      const { page, complaints } = await chromium.open(html, {
        width,
        colorScheme: scheme,
      });
      const widthOfPage = () =>
        page.evaluate("document.documentElement.scrollWidth");
      expect(await widthOfPage()).toBeLessThanOrEqual(width);
      expect(await violationsOf(page)).toEqual([]);
      for (const summary of await page.locator("summary").all()) {
        await summary.click();
      }
      expect(await widthOfPage()).toBeLessThanOrEqual(width);
      expect(await violationsOf(page)).toEqual([]);
      expect(complaints).toEqual([]);
      await page.context().close();
    },
    120_000,
  );
});
