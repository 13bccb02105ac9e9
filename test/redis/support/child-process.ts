import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const importLua = "./scripts/import-lua.mjs";

/** A process of its own that runs `worker.ts`, or another program beside it. */
export class Worker {
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  #onLine: () => void = () => {};

  constructor(url: string, prefix: string, task: string, name = "worker.ts") {
    const program = fileURLToPath(new URL(name, import.meta.url));
    this.#child = spawn(
      process.execPath,
      ["--import", "tsx", "--import", importLua, program, url, prefix, task],
      { cwd: root, stdio: ["ignore", "pipe", "inherit"] },
    );
    createInterface({ input: this.#child.stdout! }).on("line", (line) => {
      this.#lines.push(line);
      this.#onLine();
    });
  }

  /** Until it has printed `line`. */
  async says(line: string): Promise<void> {
    while (!this.#lines.includes(line)) {
      await new Promise<void>((resolve) => {
        this.#onLine = resolve;
      });
    }
  }

  /** Its exit code, when it has ended by itself or by `kill`. */
  async ends(): Promise<number | null> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode === null && signalCode === null) {
      await once(this.#child, "exit");
    }
    return this.#child.exitCode;
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }
}
