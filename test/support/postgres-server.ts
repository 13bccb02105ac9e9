import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { freePort } from "./free-port.js";

/** Where Debian keeps the programs that it doesn't put into the PATH. */
const DEBIAN_FOLDER = "/usr/lib/postgresql";

const binFolder = findBinFolder();

/** Whether there is any server to test with. */
export const hasPostgres =
  binFolder !== undefined || process.env["POSTGRES_URL"] !== undefined;

if (!hasPostgres) {
  const message =
    "Tests with Postgres need POSTGRES_URL, or a `postgres` (12 or later) with " +
    `its \`initdb\` in the PATH or in ${DEBIAN_FOLDER}/*/bin`;
  if (process.env["REQUIRE_POSTGRES"] === "1") throw new Error(message);
  // oxlint-disable-next-line no-console -- a skip has to be seen
  console.warn(`${message}: skipped.`);
}

/**
 * A server for one test file: that of `POSTGRES_URL`, or one of its own on a
 * free port. Its own one keeps nothing safe from a crash of the machine.
 */
export async function openPostgres(): Promise<{
  readonly url: string;
  readonly close: () => Promise<void>;
}> {
  const url = process.env["POSTGRES_URL"];
  if (url !== undefined) return { url, close: () => Promise.resolve() };
  const folder = await mkdtemp(path.join(tmpdir(), "postgres-"));
  // The server refuses to run as root.
  const owner = process.getuid?.() === 0 ? ownerOf("postgres") : undefined;
  if (owner) chownSync(folder, owner.uid, owner.gid);
  const options = { cwd: folder, stdio: "ignore", ...owner } as const;
  const data = path.join(folder, "data");
  const made = spawnSync(
    programPath("initdb"),
    ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"],
    { ...options, stdio: ["ignore", "ignore", "pipe"], encoding: "utf8" },
  );
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);
  const port = await freePort();
  const settings = ["listen_addresses=127.0.0.1", "fsync=off"];
  settings.push("synchronous_commit=off", "full_page_writes=off");
  const server = spawn(
    programPath("postgres"),
    ["-D", data, "-p", String(port), "-k", folder].concat(
      settings.flatMap((setting) => ["-c", setting]),
    ),
    options,
  );
  const ownUrl = `postgresql://postgres@127.0.0.1:${port}/postgres`;
  await untilReady(ownUrl, server);
  return {
    url: ownUrl,
    close: async () => {
      const exit = once(server, "exit");
      server.kill("SIGQUIT");
      await exit;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function untilReady(url: string, server: ChildProcess): Promise<void> {
  for (;;) {
    if (server.exitCode !== null) throw new Error("postgres has ended");
    const client = new Client({ connectionString: url });
    try {
      await client.connect();
      await client.end();
      return;
    } catch {
      await sleep(20);
    }
  }
}

function programPath(name: string): string {
  return path.join(binFolder ?? "", name);
}

/** The newest that is there. */
function findBinFolder(): string | undefined {
  const inPath = (process.env["PATH"] ?? "").split(path.delimiter);
  const versions = existsSync(DEBIAN_FOLDER) ? readdirSync(DEBIAN_FOLDER) : [];
  const debian = versions
    .toSorted((a, b) => Number(b) - Number(a))
    .map((version) => path.join(DEBIAN_FOLDER, version, "bin"));
  return [...inPath, ...debian].find((folder) =>
    ["postgres", "initdb"].every((name) => existsSync(path.join(folder, name))),
  );
}

function ownerOf(user: string): { uid: number; gid: number } {
  const [uid, gid] = ["-u", "-g"].map((option) =>
    Number(spawnSync("id", [option, user], { encoding: "utf8" }).stdout),
  );
  if (!uid || !gid) {
    throw new Error(`Postgres can't run as root, and there is no user ${user}`);
  }
  return { uid, gid };
}
