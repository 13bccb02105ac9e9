import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

/** A process that has been started with a program and talks to this one. */
export class Program {
  readonly #child: ChildProcess;
  readonly #ready: Promise<unknown>;

  constructor(file: string, args: readonly string[]) {
    this.#child = fork(file, args, { execArgv: [] });
    this.#ready = once(this.#child, "message");
  }

  /** Resolves when it is set up. */
  async ready(): Promise<void> {
    await this.#ready;
  }

  listen(listener: (message: unknown) => void): void {
    this.#child.on("message", listener);
  }

  send(message: object): void {
    this.#child.send(message);
  }

  /** What it says next; `undefined`: it has ended instead. */
  next(): Promise<unknown> {
    return new Promise((resolve) => {
      const end = (message?: unknown) => {
        this.#child.off("message", end);
        this.#child.off("exit", onExit);
        resolve(message);
      };
      const onExit = () => end();
      this.#child.on("message", end);
      this.#child.on("exit", onExit);
    });
  }

  /** It has no time for a last word. */
  async kill(): Promise<void> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) return;
    const exit = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exit;
  }
}
