import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("main.ts", import.meta.url));

/** A model's server that streams, in a process of its own, until `stop`. */
export class StreamingServer {
  readonly origin: string;
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess, port: number) {
    this.#process = process;
    this.origin = `http://127.0.0.1:${port}`;
  }

  static async start(): Promise<StreamingServer> {
    const child = fork(PROGRAM);
    const [port] = (await once(child, "message")) as [number];
    return new StreamingServer(child, port);
  }

  stop(): void {
    this.#process.disconnect();
  }
}
