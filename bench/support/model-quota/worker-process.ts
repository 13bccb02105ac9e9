import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Order, Report, RunSettings } from "./protocol.js";

const PROGRAM = fileURLToPath(new URL("worker.ts", import.meta.url));

/** A process with subagents, from outside. */
export class WorkerProcess {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(redisUrl: string): Promise<WorkerProcess> {
    const worker = new WorkerProcess(fork(PROGRAM, [redisUrl]));
    await worker.#next();
    return worker;
  }

  async prepare(settings: RunSettings): Promise<void> {
    const ready = this.#next();
    this.#send({ type: "prepare", settings });
    await ready;
  }

  /** Gives how many requests were lost. */
  async run(): Promise<number> {
    const done = this.#next();
    this.#send({ type: "go" });
    const report = await done;
    return report.type === "done" ? report.lost : 0;
  }

  stop(): void {
    this.#child.disconnect();
  }

  #send(order: Order): void {
    this.#child.send(order);
  }

  #next(): Promise<Report> {
    return new Promise((resolve, reject) => {
      const onExit = (code: number | null) =>
        reject(new Error(`A worker has exited with ${code}.`));
      this.#child.once("exit", onExit);
      this.#child.once("message", (report: Report) => {
        this.#child.off("exit", onExit);
        resolve(report);
      });
    });
  }
}
