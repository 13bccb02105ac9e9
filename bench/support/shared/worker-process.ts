import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { nextReport } from "../next-report.js";
import type { Order, Report, WorkerSettings } from "./protocol.js";

const PROGRAM = fileURLToPath(new URL("worker.ts", import.meta.url));

/** A worker, from outside. */
export class WorkerProcess {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Gives it when it is ready to go. */
  static async start(settings: WorkerSettings): Promise<WorkerProcess> {
    const child = fork(PROGRAM, [JSON.stringify(settings)]);
    await nextReport<Report>(child, "ready");
    return new WorkerProcess(child);
  }

  get pid(): number {
    return this.#child.pid!;
  }

  go(): void {
    this.#child.send("go" satisfies Order);
  }

  async kill(): Promise<void> {
    const exit = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exit;
  }

  /** Gives the commands that it had sent to Redis by then. */
  async stop(): Promise<number> {
    const stopped = nextReport<Extract<Report, { commands: number }>>(
      this.#child,
      "stopped",
    );
    this.#child.send("stop" satisfies Order);
    const { commands } = await stopped;
    this.#child.disconnect();
    return commands;
  }
}
