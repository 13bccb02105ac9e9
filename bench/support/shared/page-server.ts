import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { monotonicMs } from "../monotonic-time.js";
import type { Limiter } from "../rate-server/limiter.js";
import type { SeededRandom } from "../seeded-random.js";

/** A request that counts. Times are of `monotonicMs`. */
export interface Arrival {
  /** The process that made it. */
  readonly worker: number;
  /** When its tool began, by the worker. */
  readonly sentMs: number;
  /** When the server saw it. */
  readonly atMs: number;
}

/** A request that was answered with 429. */
export interface Refused extends Arrival {
  /** By how many milliseconds it was too early. */
  readonly earlyMs: number;
  /** The one that it was too close to. */
  readonly after: Arrival | undefined;
}

/** What a server keeps to: `limit` requests in a window. */
interface Rate {
  readonly limiter: Limiter;
  readonly limit: number;
}

/** How many requests were on the server, from then on. */
export interface Occupancy {
  readonly atMs: number;
  readonly running: number;
}

/** The server that all workers call; it keeps to a limit if it has one. */
export class PageServer {
  /** Requests that were let in. */
  readonly accepted: Arrival[] = [];
  readonly refused: Refused[] = [];
  readonly occupancy: Occupancy[] = [];
  /** Requests on the server, by worker. */
  readonly running = new Map<number, number>();
  readonly #server: Server;

  private constructor(rate: Rate | undefined, latencyMs: () => number) {
    this.#server = createServer((request, response) => {
      const atMs = monotonicMs();
      const [, page, pid, sentAt] = request.url!.split("/");
      if (page === "warm_up") {
        response.end("warm");
        return;
      }
      const worker = Number(pid);
      const arrival = { worker, sentMs: Number(sentAt), atMs };
      if (rate && !rate.limiter.take(atMs)) {
        this.refused.push({
          ...arrival,
          earlyMs: rate.limiter.waitMs(atMs),
          after: this.accepted.at(-rate.limit),
        });
        response.writeHead(429);
        setTimeout(() => response.end(), latencyMs());
        return;
      }
      this.accepted.push(arrival);
      this.#count(worker, 1);
      response.on("close", () => this.#count(worker, -1));
      setTimeout(() => response.end("page"), latencyMs());
    });
  }

  static async start(
    rate: Rate | undefined,
    [least, most]: readonly [number, number],
    random: SeededRandom,
  ): Promise<PageServer> {
    const pages = new PageServer(rate, () => random.integer(least, most));
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
