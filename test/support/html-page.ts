import { writeFile } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";

export interface HtmlPageOptions {
  readonly folder: string;
  readonly width: number;
  readonly colorScheme?: "light" | "dark";
  readonly javaScriptEnabled?: boolean;
}

export interface HtmlPage {
  readonly page: Page;
  /** What the browser complained of, and what it wanted to load. */
  readonly complaints: readonly string[];
}

let files = 0;

/** Opens an HTML document as a file, as people do. */
export async function openHtml(
  browser: Browser,
  html: string,
  { folder, width, ...options }: HtmlPageOptions,
): Promise<HtmlPage> {
  files += 1;
  const file = path.join(folder, `page-${files}.html`);
  await writeFile(file, html);
  const context = await browser.newContext({
    viewport: { width, height: 800 },
    ...options,
  });
  const page = await context.newPage();
  const url = pathToFileURL(file).href;
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("dialog", (dialog) => {
    complaints.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("request", (request) => {
    if (request.url() !== url) complaints.push(`loads ${request.url()}`);
  });
  await page.goto(url);
  return { page, complaints };
}
