// Runs turbo without telemetry, on a machine that may have no pnpm of its own:
// turbo starts package scripts through `pnpm`, which is a devDependency here.
import { spawnSync } from "node:child_process";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const bin = path.join(root, "node_modules", ".bin");

const { status, error } = spawnSync(
  path.join(bin, "turbo"),
  ["run", ...process.argv.slice(2)],
  {
    cwd: root,
    // Turbo's own output goes to standard error, so that what the caller
    // prints (a demo, a benchmark table) stands alone on standard output.
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
    env: {
      ...process.env,
      PATH: bin + path.delimiter + process.env.PATH,
      TURBO_TELEMETRY_DISABLED: "1",
      TURBO_NO_UPDATE_NOTIFIER: "1",
      DO_NOT_TRACK: "1",
    },
  },
);
if (error) console.error(`Could not start turbo: ${error.message}`);
process.exit(status ?? 1);
