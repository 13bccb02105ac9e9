import { once } from "node:events";
import { createServer } from "node:net";

/** A port of this machine on which nothing listens. */
export async function freePort(below = 65_536): Promise<number> {
  for (;;) {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    server.close();
    await once(server, "close");
    if (address === null || typeof address === "string") {
      throw new Error("no port");
    }
    if (address.port < below) return address.port;
  }
}
