// The process that keeps the side effects of all tools: node PROGRAM SOCKET
// It tells its parent each event, and when a connection has been closed and
// everything that came through it is noted.
import { createServer } from "node:net";
import process from "node:process";
import { createInterface } from "node:readline";
import type { LedgerRequest } from "./protocol.js";

const documents = new Map<string, string>();

const server = createServer((socket) => {
  let owner = "";
  socket.on("error", () => {});
  const lines = createInterface({ input: socket });
  lines.on("line", (line) => {
    const request = JSON.parse(line) as LedgerRequest | { owner: string };
    if ("owner" in request) {
      owner = request.owner;
      return;
    }
    const value = apply(request);
    process.send?.(request.event);
    if (socket.writable) {
      socket.write(`${JSON.stringify({ id: request.id, value })}\n`);
    }
  });
  // It is cut off when its process is killed; what it had sent comes first.
  lines.on("error", () => {});
  socket.on("close", () => process.send?.({ closed: owner }));
});
server.listen(process.argv[2], () => process.send?.({ ready: true }));
process.on("disconnect", () => process.exit());

function apply({ event, effect }: LedgerRequest): string | undefined {
  if (effect === undefined || effect.kind === "none") return undefined;
  const key = `${event.thread}/${effect.doc}`;
  if (effect.kind === "write") documents.set(key, effect.text);
  return documents.get(key) ?? "empty";
}
