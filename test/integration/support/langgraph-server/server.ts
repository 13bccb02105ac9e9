import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePort } from "../../../support/free-port.js";

const here = fileURLToPath(new URL(".", import.meta.url));
const require = createRequire(import.meta.url);

/** They look for new runs twice a second each. */
const WORKERS = 60;
const START_TIMEOUT_MS = 100_000;

/**
 * The server of `langgraphjs dev`, with the graphs of graphs.ts on the sources of
 * the library. It keeps all in memory and calls nobody.
 */
export class LangGraphServer {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #folder: string;
  #output = "";
  readonly #kill: () => void;

  private constructor(child: ChildProcess, folder: string, url: string) {
    this.url = url;
    this.#child = child;
    this.#folder = folder;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (text: Buffer) => {
        this.#output += text.toString();
      });
    }
    this.#kill = () => {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    };
    process.once("exit", this.#kill);
  }

  /**
   * @param graphs what of graphs.ts it serves
   * @param env for its process
   */
  static async start(
    graphs: readonly string[],
    env: Readonly<Record<string, string>>,
  ): Promise<LangGraphServer> {
    // It writes what it knows beside its configuration.
    const folder = await mkdtemp(path.join(tmpdir(), "langgraph-server-"));
    const file = path.relative(folder, path.join(here, "graphs.ts"));
    const entries = graphs.map((name) => [name, `${file}:${name}`]);
    await writeFile(
      path.join(folder, "langgraph.json"),
      JSON.stringify({
        node_version: "20",
        graphs: Object.fromEntries(entries),
      }),
    );
    const port = String(await freePort());
    const options = ["--no-browser", "--no-reload", "--config", folder];
    options.push("--host", "127.0.0.1", "--port", port);
    options.push("--n-jobs-per-worker", String(WORKERS));
    const child = spawn(process.execPath, [programFile(), "dev", ...options], {
      // It starts processes of its own: they are one group, and end together.
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      cwd: folder,
      env: { ...quietEnv(), ...env },
    });
    const url = `http://127.0.0.1:${port}`;
    const server = new LangGraphServer(child, folder, url);
    try {
      await server.#untilReady();
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  /** Resolves when all its processes have ended. */
  async stop(): Promise<void> {
    process.off("exit", this.#kill);
    // Its processes share its output, which closes with the last of them.
    const closed = once(this.#child, "close");
    this.#kill();
    await closed;
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #untilReady(): Promise<void> {
    const deadline = performance.now() + START_TIMEOUT_MS;
    while (performance.now() < deadline && this.#child.exitCode === null) {
      const answer = await fetch(`${this.url}/ok`).catch(() => undefined);
      if (answer?.ok) return;
      await sleep(50);
    }
    throw new Error(`The server isn't ready:\n${this.#output}`);
  }
}

function programFile(): string {
  const manifest = require.resolve("@langchain/langgraph-cli/package.json");
  return path.join(path.dirname(manifest), "dist/cli/cli.mjs");
}

/** Without keys and settings of the user, or what runs the tests. */
function quietEnv(): NodeJS.ProcessEnv {
  const foreign = /^(?:LANGSMITH|LANGCHAIN|LANGGRAPH|VITEST|NODE_)/;
  const kept = Object.entries(process.env).filter(
    ([name]) => !foreign.test(name),
  );
  return {
    ...Object.fromEntries(kept),
    LANGGRAPH_CLI_NO_ANALYTICS: "1",
    LOG_LEVEL: "warn",
    // Has `parallel-tools-node` mean the sources.
    TSX_TSCONFIG_PATH: path.join(here, "../../../tsconfig.json"),
  };
}
