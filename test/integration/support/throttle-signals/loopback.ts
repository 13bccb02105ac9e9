import { once } from "node:events";
import { createServer, type Server } from "node:http";
import {
  createServer as createTcpServer,
  type Server as TcpServer,
} from "node:net";

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
}

/**
 * What `use` throws of a server on this machine that gives these answers to its
 * requests; the last one is repeated.
 */
export async function thrownOver(
  answers: Answer | readonly Answer[],
  use: (url: string) => Promise<unknown>,
): Promise<unknown> {
  const list = [answers].flat();
  let asked = 0;
  const server = createServer((request, response) => {
    const {
      status,
      headers = {},
      body = {},
    } = list[asked] ?? list.at(-1) ?? { status: 500 };
    asked += 1;
    request.resume();
    response.writeHead(status, {
      "content-type": "application/json",
      connection: "close",
      ...headers,
    });
    response.end(JSON.stringify(body));
  });
  const port = await listen(server);
  try {
    return await thrown(() => use(`http://127.0.0.1:${port}`));
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

/** What `use` throws of a server that answers the first bytes with these. */
export async function thrownOverTcp(
  {
    bytes,
    speaksFirst,
  }: { readonly bytes: Buffer; readonly speaksFirst: boolean },
  use: (port: number) => Promise<unknown>,
): Promise<unknown> {
  const server = createTcpServer((socket) => {
    socket.on("error", () => {});
    if (speaksFirst) socket.end(bytes);
    else socket.once("data", () => socket.end(bytes));
  });
  const port = await listen(server);
  try {
    return await thrown(() => use(port));
  } finally {
    server.close();
  }
}

/** What a function throws; fails if it doesn't. */
export async function thrown(use: () => Promise<unknown>): Promise<unknown> {
  let value: unknown;
  try {
    value = await use();
  } catch (error) {
    return error;
  }
  throw new Error(`expected an error, got ${JSON.stringify(value)}`);
}

async function listen(server: Server | TcpServer): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string")
    throw new Error("no port");
  return address.port;
}
