import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { type Browser, chromium } from "playwright-core";

const executable = findExecutable();

/** Whether there is a browser to test with. */
export const hasChromium = executable !== undefined;

if (!hasChromium) {
  const message =
    "Tests of what a browser makes of the HTML need Chromium in the PATH or in CHROMIUM_PATH";
  if (process.env["REQUIRE_CHROMIUM"] === "1") throw new Error(message);
  // oxlint-disable-next-line no-console -- a skip has to be seen
  console.warn(`${message}: skipped.`);
}

/** Starts it without a window. Whoever has started it closes it. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: executable as string,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

function findExecutable(): string | undefined {
  const { CHROMIUM_PATH, PATH = "" } = process.env;
  const folders = PATH.split(path.delimiter);
  const files = ["chromium", "chromium-browser", "google-chrome"].flatMap(
    (name) => folders.map((folder) => path.join(folder, name)),
  );
  return [...(CHROMIUM_PATH ? [CHROMIUM_PATH] : []), ...files].find(
    (file) => existsSync(file) && spawnSync(file, ["--version"]).status === 0,
  );
}
