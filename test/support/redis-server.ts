import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { Redis } from "ioredis";
import { freePort } from "./free-port.js";
import { missingRedis } from "./has-redis.js";

export { hasOwnRedis, hasRedis } from "./has-redis.js";

/** A `redis-server` that keeps nothing on disk. */
export class RedisServer {
  readonly port: number;
  readonly #folder: string;
  #child: ChildProcess | undefined;

  readonly #options: readonly string[];

  private constructor(
    port: number,
    folder: string,
    options: readonly string[],
  ) {
    this.port = port;
    this.#folder = folder;
    this.#options = options;
  }

  static async create(options: readonly string[] = []): Promise<RedisServer> {
    const folder = await mkdtemp(path.join(tmpdir(), "redis-limits-"));
    // A cluster node needs the port 10,000 above its own, too.
    const server = new RedisServer(await freePort(55_000), folder, options);
    await server.start();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts it with empty memory and waits until it answers. */
  async start(): Promise<void> {
    const options = ["--save", "", "--appendonly", "no", "--dir", this.#folder];
    const port = String(this.port);
    this.#child = spawn(
      "redis-server",
      ["--port", port, "--bind", "127.0.0.1", ...options, ...this.#options],
      { stdio: "ignore" },
    );
    const client = new Redis(this.port, "127.0.0.1", {
      retryStrategy: () => 20,
      maxRetriesPerRequest: null,
    });
    client.on("error", () => {});
    await client.ping();
    client.disconnect();
  }

  /** It is gone at once, and all it knew. */
  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined) return;
    const exit = once(child, "exit");
    // One that has been stopped ends only when it goes on.
    child.kill("SIGKILL");
    await exit;
  }

  /** It takes commands and answers none, until `resume`. */
  freeze(): void {
    this.#child?.kill("SIGSTOP");
  }

  resume(): void {
    this.#child?.kill("SIGCONT");
  }

  async remove(): Promise<void> {
    await this.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

// The others run all the same: only the files that need it fail.
if (missingRedis !== undefined && process.env["REQUIRE_REDIS"] === "1") {
  throw new Error(missingRedis);
}

/** A server for one test file: that of `REDIS_URL`, or one of its own. */
export async function openRedis(): Promise<{
  readonly url: string;
  readonly close: () => Promise<void>;
}> {
  const url = process.env["REDIS_URL"];
  if (url !== undefined) return { url, close: () => Promise.resolve() };
  const server = await RedisServer.create();
  return { url: server.url, close: () => server.remove() };
}
