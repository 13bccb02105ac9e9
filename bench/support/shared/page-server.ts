import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { monotonicMs } from "../monotonic-time.js";
import type { Limiter } from "../rate-server/limiter.js";
import type { SeededRandom } from "../seeded-random.js";

/** A request that was let in. Times are of `monotonicMs`. */
export interface Accepted {
  /** The process that made it. */
  readonly worker: number;
  readonly atMs: number;
}

/** How many requests were on the server, from then on. */
export interface Occupancy {
  readonly atMs: number;
  readonly running: number;
}

/** The server that all workers call; it keeps to a limit if it has one. */
export class PageServer {
  readonly accepted: Accepted[] = [];
  readonly occupancy: Occupancy[] = [];
  refused = 0;
  /** Requests on the server, by worker. */
  readonly running = new Map<number, number>();
  readonly #server: Server;

  private constructor(limiter: Limiter | undefined, latencyMs: () => number) {
    this.#server = createServer((request, response) => {
      const atMs = monotonicMs();
      const [, page, pid] = request.url!.split("/");
      if (page === "warm_up") {
        response.end("warm");
        return;
      }
      const worker = Number(pid);
      if (limiter && !limiter.take(atMs)) {
        this.refused += 1;
        response.writeHead(429);
        setTimeout(() => response.end(), latencyMs());
        return;
      }
      this.accepted.push({ worker, atMs });
      this.#count(worker, 1);
      response.on("close", () => this.#count(worker, -1));
      setTimeout(() => response.end("page"), latencyMs());
    });
  }

  static async start(
    limiter: Limiter | undefined,
    [least, most]: readonly [number, number],
    random: SeededRandom,
  ): Promise<PageServer> {
    const pages = new PageServer(limiter, () => random.integer(least, most));
    await new Promise<void>((resolve) => {
      pages.#server.listen(0, "127.0.0.1", resolve);
    });
    return pages;
  }

  get origin(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #count(worker: number, change: number): void {
    this.running.set(worker, (this.running.get(worker) ?? 0) + change);
    const last = this.occupancy.at(-1)?.running ?? 0;
    this.occupancy.push({ atMs: monotonicMs(), running: last + change });
  }
}
