import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Barrier } from "./gates.js";

/** An HTTP server that answers requests in groups: none before all are there. */
export interface BusyServer {
  readonly url: string;
  /** The most requests that it has had at once. */
  readonly peak: () => number;
  stop(): Promise<void>;
}

export async function startBusyServer(groupSize: number): Promise<BusyServer> {
  const group = new Barrier(groupSize);
  let inside = 0;
  let peak = 0;
  const server = createServer((request, response) => {
    inside += 1;
    peak = Math.max(peak, inside);
    void group.arrive().then(() => {
      inside -= 1;
      response.end(`Served ${request.url?.slice(1)}`);
    });
  });
  const { port } = await listen(server);
  return {
    url: `http://127.0.0.1:${port}`,
    peak: () => peak,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function listen(server: Server): Promise<AddressInfo> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      resolve(server.address() as AddressInfo);
    });
  });
}
