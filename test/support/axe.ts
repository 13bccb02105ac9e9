import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";

const source = readFileSync(
  createRequire(import.meta.url).resolve("axe-core/axe.min.js"),
  "utf8",
);

/** What axe has against a page; contrasts take it the most time by far. */
export async function violationsOf(
  page: Page,
  withContrast = true,
): Promise<unknown[]> {
  await page.evaluate(source);
  return page.evaluate(
    `axe.run(document, {
       resultTypes: ["violations"],
       preload: false,
       rules: { "color-contrast": { enabled: ${withContrast} } },
     }).then(({ violations }) =>
       violations.map(({ id, nodes }) => [id, nodes.length, nodes[0].html]))`,
  );
}
