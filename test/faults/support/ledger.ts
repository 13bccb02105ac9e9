import path from "node:path";
import { Program } from "./program.js";
import type { LedgerEvent } from "./protocol.js";

/** The process that keeps all side effects, seen from the runner. */
export class Ledger {
  readonly socket: string;
  readonly #program: Program;
  readonly #events = new Map<string, LedgerEvent[]>();
  readonly #closed = new Set<string>();
  readonly #onClosed = new Map<string, () => void>();
  /** Told of each event, as soon as the ledger has noted it. */
  readonly listeners = new Set<(event: LedgerEvent) => void>();

  private constructor(program: Program, socket: string) {
    this.#program = program;
    this.socket = socket;
    program.listen((message) => {
      this.#note(message as LedgerEvent | { readonly closed: string });
    });
  }

  /** @param folder where its socket goes */
  static async start(file: string, folder: string): Promise<Ledger> {
    const socket = path.join(folder, "ledger.sock");
    const program = new Program(file, [socket]);
    await program.ready();
    return new Ledger(program, socket);
  }

  eventsOf(thread: string): readonly LedgerEvent[] {
    return this.#events.get(thread) ?? [];
  }

  /** Until all is noted that a process which has ended had sent. */
  async hasHeardAllOf(owner: string): Promise<void> {
    if (this.#closed.has(owner)) return;
    await new Promise<void>((resolve) => this.#onClosed.set(owner, resolve));
  }

  stop(): Promise<void> {
    return this.#program.kill();
  }

  #note(message: LedgerEvent | { readonly closed: string }): void {
    if ("closed" in message) {
      this.#closed.add(message.closed);
      this.#onClosed.get(message.closed)?.();
      return;
    }
    const events = this.#events.get(message.thread);
    if (events === undefined) this.#events.set(message.thread, [message]);
    else events.push(message);
    for (const listener of this.listeners) listener(message);
  }
}
