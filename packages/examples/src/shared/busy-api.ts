import { setTimeout as sleep } from "node:timers/promises";

/** An API that counts its callers. */
export class BusyApi {
  /** Requests so far. */
  requests = 0;
  /** The most that it had at a time. */
  mostAtOnce = 0;
  readonly #latencyMs: number;
  #now = 0;

  constructor(latencyMs: number) {
    this.#latencyMs = latencyMs;
  }

  async find(query: string): Promise<string> {
    this.requests += 1;
    this.#now += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#now);
    await sleep(this.#latencyMs);
    this.#now -= 1;
    return `Three pages about ${query}.`;
  }
}
