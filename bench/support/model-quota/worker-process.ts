import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { nextReport } from "../next-report.js";
import type { Order, Report, RunSettings } from "./protocol.js";

const PROGRAM = fileURLToPath(new URL("worker.ts", import.meta.url));

/** A process with subagents, from outside. */
export class WorkerProcess {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(redisUrl: string): Promise<WorkerProcess> {
    const child = fork(PROGRAM, [redisUrl]);
    await nextReport<Report>(child, "ready");
    return new WorkerProcess(child);
  }

  async prepare(settings: RunSettings): Promise<void> {
    const ready = nextReport<Report>(this.#child, "ready");
    this.#send({ type: "prepare", settings });
    await ready;
  }

  /** Gives how many requests were lost. */
  async run(): Promise<number> {
    const done = nextReport<Extract<Report, { lost: number }>>(
      this.#child,
      "done",
    );
    this.#send({ type: "go" });
    return (await done).lost;
  }

  stop(): void {
    this.#child.disconnect();
  }

  #send(order: Order): void {
    this.#child.send(order);
  }
}
