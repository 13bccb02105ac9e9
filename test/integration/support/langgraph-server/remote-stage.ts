import { once } from "node:events";
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";

/** What calls in another process do, by thread, and the word that ends them. */
export class RemoteStage {
  readonly #server: Server;
  readonly #logs = new Map<string, string[]>();
  /** The calls that may end: `"thread call"`. */
  readonly #finished = new Set<string>();
  readonly #listeners = new Set<() => void>();

  private constructor() {
    this.#server = createServer((request, response) => {
      void this.#answer(request, response);
    });
  }

  static async open(): Promise<RemoteStage> {
    const stage = new RemoteStage();
    stage.#server.listen(0, "127.0.0.1");
    await once(stage.#server, "listening");
    return stage;
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  /** `["a start", "a end"]` */
  logOf(thread: string): string[] {
    let log = this.#logs.get(thread);
    if (log === undefined) {
      log = [];
      this.#logs.set(thread, log);
    }
    return log;
  }

  /** Resolves when a thread's log has a line. */
  seen(thread: string, line: string): Promise<void> {
    return this.#until(() => this.logOf(thread).includes(line));
  }

  /** Lets a call end, at once if it runs, else as soon as it starts. */
  finish(thread: string, call: string): void {
    this.#finished.add(`${thread} ${call}`);
    this.#tellListeners();
  }

  async close(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  /** See stage-client.ts. */
  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const body = (await json(request)) as Record<string, string>;
    const { thread = "", call = "", what = "" } = body;
    if (request.url === "/tell") {
      this.logOf(thread).push(`${call} ${what}`);
      this.#tellListeners();
    } else {
      await this.#until(() => this.#finished.has(`${thread} ${call}`));
    }
    response.end();
  }

  #tellListeners(): void {
    for (const listener of this.#listeners) listener();
  }

  #until(isThere: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!isThere()) return;
        this.#listeners.delete(look);
        resolve();
      };
      this.#listeners.add(look);
      look();
    });
  }
}
