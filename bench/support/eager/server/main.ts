// A model's server in a process of its own, until its parent disconnects. It writes what
// the user asks it to write, a token every 12 ms: each when its time has come since the
// request, so that a late one makes no other late.
import { randomUUID } from "node:crypto";
import {
  createServer,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { monotonicMs } from "../../monotonic-time.js";
import { type Script, TOKEN_MS, type Turn } from "../script.js";
import { chatCompletions } from "./formats/chat-completions.js";
import type { Format, Frame } from "./formats/format.js";
import { messages } from "./formats/messages.js";
import { responses } from "./formats/responses.js";

const FORMATS: readonly Format[] = [chatCompletions, responses, messages];

const server = createServer((request, response) => {
  void answer(request, response);
});
server.listen(0, "127.0.0.1", () => {
  process.send?.((server.address() as AddressInfo).port);
});
process.once("disconnect", () => {
  server.close();
  server.closeAllConnections();
});

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const startMs = monotonicMs();
  const format = FORMATS.find(({ path }) => path === request.url);
  if (format === undefined) {
    response.writeHead(404).end();
    return;
  }
  const { prompt, outputs } = format.read(await bodyOf(request));
  response.writeHead(200, { "Content-Type": "text/event-stream" });
  const turn = nextTurn(JSON.parse(prompt) as Script, outputs);
  for (const frame of format.framesOf(turn, randomUUID())) {
    const waitMs = startMs + frame.tokens * TOKEN_MS - monotonicMs();
    if (waitMs > 0) await sleep(waitMs);
    response.write(lineOf(frame));
  }
  response.end();
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return JSON.parse(text);
}

/** The turn after those whose calls have all been answered. */
function nextTurn({ turns }: Script, outputs: number): Turn {
  let answered = 0;
  for (const turn of turns) {
    if (typeof turn === "string" || outputs === answered) return turn;
    answered += turn.length;
  }
  throw new Error(`The script has no turn after ${outputs} outputs.`);
}

function lineOf({ event, data }: Frame): string {
  const text = typeof data === "string" ? data : JSON.stringify(data);
  return `${event === undefined ? "" : `event: ${event}\n`}data: ${text}\n\n`;
}
