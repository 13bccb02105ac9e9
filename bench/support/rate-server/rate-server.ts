import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type {
  Command,
  Reply,
  RunSettings,
  ServerKind,
  ServerLog,
} from "./protocol.js";

const PROGRAM = fileURLToPath(new URL("main.ts", import.meta.url));

/** A server with a rate limit, in a process of its own, until `stop`. */
export class RateServer {
  readonly kind: ServerKind;
  readonly origin: string;
  readonly #process: ChildProcess;

  private constructor(kind: ServerKind, process: ChildProcess, port: number) {
    this.kind = kind;
    this.origin = `http://127.0.0.1:${port}`;
    this.#process = process;
  }

  static async start(kind: ServerKind): Promise<RateServer> {
    const child = fork(PROGRAM, [kind]);
    const reply = await nextReply(child);
    if (reply.type !== "listening") throw unexpected(reply);
    return new RateServer(kind, child, reply.port);
  }

  /** Makes `fetch` open that many connections to it. They stay open. */
  async warmUp(connections: number): Promise<void> {
    await Promise.all(
      Array.from({ length: connections }, async () => {
        const response = await fetch(`${this.origin}/warm-up/${connections}`);
        await response.text();
      }),
    );
  }

  /** Forgets all requests. No request may be on its way. */
  async reset(settings: RunSettings): Promise<void> {
    const reply = await this.#ask({ type: "reset", settings });
    if (reply.type !== "ready") throw unexpected(reply);
  }

  async readLog(): Promise<ServerLog> {
    const reply = await this.#ask({ type: "log" });
    if (reply.type !== "log") throw unexpected(reply);
    return reply.log;
  }

  stop(): void {
    this.#process.disconnect();
  }

  #ask(command: Command): Promise<Reply> {
    const reply = nextReply(this.#process);
    this.#process.send(command);
    return reply;
  }
}

function nextReply(child: ChildProcess): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const onExit = () => reject(new Error("The server has exited."));
    child.once("exit", onExit);
    child.once("message", (reply) => {
      child.off("exit", onExit);
      resolve(reply as Reply);
    });
  });
}

function unexpected(reply: Reply): Error {
  return new Error(`Expected another reply of the server, got ${reply.type}.`);
}
