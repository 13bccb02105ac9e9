import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { ModelServer, type ModelQuota } from "../model-server.js";

/** A model's server for other processes. It counts all requests on one clock. */
export class ModelHttpServer {
  readonly #model: ModelServer;
  readonly #server: Server;

  private constructor(model: ModelServer) {
    this.#model = model;
    this.#server = createServer((request, response) => {
      void (async () => {
        const answer = await model.fetch(request.url, {
          body: await text(request),
        });
        response.writeHead(answer.status, Object.fromEntries(answer.headers));
        response.end(await answer.text());
      })();
    });
  }

  static async start(
    quota: ModelQuota,
    latencyMs: number,
  ): Promise<ModelHttpServer> {
    const server = new ModelHttpServer(new ModelServer(quota, latencyMs));
    await new Promise<void>((resolve) => {
      server.#server.listen(0, "127.0.0.1", resolve);
    });
    return server;
  }

  get origin(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  /** Answers of 429. */
  get refused(): number {
    return this.#model.refused;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
