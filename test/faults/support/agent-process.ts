import { Program } from "./program.js";
import type { AgentReply, DriveCommand } from "./protocol.js";

/** A process that runs agents, seen from the runner. */
export class AgentProcess {
  readonly name: string;
  readonly #program: Program;
  isKilled = false;

  constructor(file: string, args: readonly string[], name: string) {
    this.name = name;
    this.#program = new Program(file, [...args, name]);
  }

  ready(): Promise<void> {
    return this.#program.ready();
  }

  /** @throws for a reply that says so, and when it ends by itself */
  async drive(command: DriveCommand): Promise<AgentReply | "killed"> {
    const next = this.#program.next();
    this.#program.send(command);
    const reply = (await next) as AgentReply | undefined;
    if (reply?.is === "failed") {
      throw new Error(`${command.host} ${command.thread}: ${reply.error}`);
    }
    if (reply === undefined && !this.isKilled) {
      throw new Error(`${this.name} has ended by itself`);
    }
    return reply ?? "killed";
  }

  abort(): void {
    this.#program.send({ do: "abort" });
  }

  async kill(): Promise<void> {
    this.isKilled = true;
    await this.#program.kill();
  }
}
