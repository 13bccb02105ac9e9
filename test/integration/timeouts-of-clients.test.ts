import { once } from "node:events";
import { createServer } from "node:net";
import axios from "axios";
import got from "got";
import ky from "ky";
import { ParallelToolNode } from "parallel-tools-node";
import { expect, it } from "vitest";
import { AttemptedTools } from "../support/attempted-tools.js";
import { calls } from "../support/attempted-node.js";
import { thrown } from "./support/throttle-signals/loopback.js";

const MS = 10;

it.each<[string, (url: string) => Promise<unknown>]>([
  ["axios", (url) => axios.get(url, { timeout: MS })],
  ["axios, aborted", (url) => axios.get(url, { signal: ownTimer() })],
  ["got", (url) => got(url, { timeout: { request: MS }, retry: { limit: 0 } })],
  ["ky", (url) => ky.get(url, { timeout: MS, retry: 0 })],
  ["fetch, aborted", (url) => fetch(url, { signal: ownTimer() })],
  ["fetch", (url) => fetch(url, { signal: AbortSignal.timeout(MS) })],
])("a timeout of %s opens the circuit", async (_, use) => {
  const error = await thrownOfSilence(use);
  const stage = new AttemptedTools({ a: [{ throws: error }] });
  const node = new ParallelToolNode(stage.tools("t"), {
    resources: { db: { circuit: { failures: 2, resetMs: 60_000 } } },
    policies: { t: { resources: "db" } },
  });
  for (let run = 0; run < 4; run += 1) await node.invoke(calls("a"));
  expect(stage.starts).toHaveLength(2);
});

/** A signal that a tool aborts when its own time is up. */
function ownTimer(): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), MS);
  return controller.signal;
}

/** What `use` throws of a server that never answers. */
async function thrownOfSilence(
  use: (url: string) => Promise<unknown>,
): Promise<unknown> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    const { port } = server.address() as { port: number };
    return await thrown(() => use(`http://127.0.0.1:${port}`));
  } finally {
    server.close();
  }
}
