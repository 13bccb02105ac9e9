import { settle } from "../../support/fake-clock.js";
import { createGate, type Gate } from "./gates.js";

/**
 * Calls that a host starts at once do their work one after the other, by their
 * number from 0: what they stream then has one order in every host.
 */
export class Baton {
  readonly #gates: Gate[] = [];

  async inTurn<T>(number: number, work: () => Promise<T>): Promise<T> {
    if (number > 0) await this.#after(number - 1).opened;
    try {
      return await work();
    } finally {
      // When the host has told of the end of this call.
      void settle()
        .then(settle)
        .then(() => this.#after(number).open());
    }
  }

  #after(number: number): Gate {
    this.#gates[number] ??= createGate();
    return this.#gates[number];
  }
}
