import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import type { Effect, LedgerEvent, LedgerRequest } from "./protocol.js";

/** Tells the ledger what happens, and goes on when it has noted it. */
export class LedgerClient {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, (value: string | undefined) => void>();
  #last = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    createInterface({ input: socket }).on("line", (line) => {
      const { id, value } = JSON.parse(line) as { id: number; value?: string };
      this.#waiting.get(id)?.(value);
      this.#waiting.delete(id);
    });
  }

  /** @param owner a name for the process, by which the ledger tells its end */
  static async open(path: string, owner: string): Promise<LedgerClient> {
    const socket = connect(path);
    await once(socket, "connect");
    socket.write(`${JSON.stringify({ owner })}\n`);
    return new LedgerClient(socket);
  }

  /** @returns what the effect gives */
  tell(event: LedgerEvent, effect?: Effect): Promise<string | undefined> {
    this.#last += 1;
    const request: LedgerRequest = {
      id: this.#last,
      event,
      ...(effect && { effect }),
    };
    return new Promise((resolve) => {
      this.#waiting.set(request.id, resolve);
      this.#socket.write(`${JSON.stringify(request)}\n`);
    });
  }
}
