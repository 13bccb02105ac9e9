import { execFile } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const program = fileURLToPath(
  new URL("support/idle-process.ts", import.meta.url),
);

// A process that sleeps until its next timer noted late when its tokens had been
// used, by as long as it slept: it reached 53 to 63% of the rate.
test("a process that does nothing else reaches the full rate", async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--import", "tsx", "--import", "./scripts/import-lua.mjs", program],
    {
      cwd: root,
      env: { ...process.env, TSX_TSCONFIG_PATH: "test/tsconfig.json" },
    },
  );
  const ratio = Number(stdout);
  expect(ratio).toBeGreaterThanOrEqual(1);
  expect(ratio).toBeLessThan(1.3);
}, 60_000);
