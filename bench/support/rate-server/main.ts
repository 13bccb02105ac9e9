// A server with a rate limit, as a process: its clock goes on while the client
// computes. The argument is its kind. `GET /pages/N` counts against the limit;
// `GET /warm-up/N` doesn't, and is answered when N of them are there, so that a
// client has N connections open then.
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { monotonicMs } from "../monotonic-time.js";
import { FixedWindow } from "./fixed-window.js";
import type { Limiter } from "./limiter.js";
import {
  BURST,
  type Command,
  INTERVAL_MS,
  LIMIT,
  type Reply,
  type RunSettings,
  type ServerKind,
} from "./protocol.js";
import { refusalHeaders } from "./refusal-headers.js";
import { SlidingWindow } from "./sliding-window.js";
import { TokenBucket } from "./token-bucket.js";

const kind = process.argv[2] as ServerKind;

interface Run {
  readonly settings: RunSettings;
  readonly limiter: Limiter;
  readonly edgeMs: number;
  readonly serviceMs: number[];
  refused: number;
}

let run: Run | undefined;
let warmingUp: ServerResponse[] = [];

const server = createServer((request, response) => {
  const nowMs = monotonicMs();
  const [, path, number] = request.url!.split("/");
  if (path === "warm-up") {
    answerTogether(response, Number(number));
  } else {
    answerPage(run!, response, Number(number), nowMs);
  }
});
// Longer than any pause between two runs.
server.keepAliveTimeout = 120_000;
server.listen(0, "127.0.0.1", () => {
  reply({ type: "listening", port: (server.address() as AddressInfo).port });
});

process.on("message", (command: Command) => {
  if (command.type === "reset") {
    run = begin(command.settings);
    reply({ type: "ready" });
  } else {
    const { edgeMs, serviceMs, refused } = run!;
    reply({ type: "log", log: { edgeMs, serviceMs, refused } });
  }
});
process.on("disconnect", () => process.exit());

function begin(settings: RunSettings): Run {
  const edgeMs = monotonicMs() - settings.phaseMs;
  const limiter = createLimiter(edgeMs, settings.limit ?? LIMIT);
  return { settings, limiter, edgeMs, serviceMs: [], refused: 0 };
}

function createLimiter(edgeMs: number, limit: number): Limiter {
  switch (kind) {
    case "token bucket":
      return new TokenBucket(limit, INTERVAL_MS, BURST);
    case "sliding window":
      return new SlidingWindow(limit, INTERVAL_MS);
    case "fixed window":
      return new FixedWindow(limit, INTERVAL_MS, edgeMs);
  }
}

function answerPage(
  current: Run,
  response: ServerResponse,
  page: number,
  nowMs: number,
): void {
  const { settings, limiter, serviceMs } = current;
  const isTaken = limiter.take(nowMs);
  if (!isTaken) {
    current.refused += 1;
    // As of now, like everything that the server decides.
    const headers = refusalHeaders(settings.headers, {
      limit: settings.limit ?? LIMIT,
      intervalMs: INTERVAL_MS,
      waitMs: limiter.waitMs(nowMs),
      fullMs: limiter.fullMs(nowMs),
    });
    response.writeHead(429, headers);
  }
  setTimeout(() => {
    if (isTaken) serviceMs.push(monotonicMs() - nowMs);
    response.end(isTaken ? `page ${page}` : "too many requests");
  }, settings.latenciesMs[page]);
}

function answerTogether(response: ServerResponse, count: number): void {
  warmingUp.push(response);
  if (warmingUp.length < count) return;
  for (const waiting of warmingUp) waiting.end("warm");
  warmingUp = [];
}

function reply(message: Reply): void {
  process.send!(message);
}
