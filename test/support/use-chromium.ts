import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll } from "vitest";
import { launchChromium } from "./chromium.js";
import { type HtmlPage, type HtmlPageOptions, openHtml } from "./html-page.js";

interface Chromium {
  readonly browser: () => Browser;
  /** Opens a document as a page of 1,024 pixels, unless `options` say else. */
  readonly open: (
    html: string,
    options?: Partial<Omit<HtmlPageOptions, "folder">>,
  ) => Promise<HtmlPage>;
}

/** A browser for the tests of this suite, and a folder for its documents. */
export function useChromium(): Chromium {
  let browser: Browser;
  let folder = "";

  beforeAll(async () => {
    browser = await launchChromium();
    folder = mkdtempSync(path.join(tmpdir(), "html-"));
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  return {
    browser: () => browser,
    open: (html, options) =>
      openHtml(browser, html, { folder, width: 1_024, ...options }),
  };
}
