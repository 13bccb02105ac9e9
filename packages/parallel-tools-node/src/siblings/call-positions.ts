import type { ToolCall } from "@langchain/core/messages/tool";
import { identityOf } from "../plan/identity-of.js";

/**
 * Finds the position of a call in a batch. The ids of calls may be missing or
 * repeat.
 */
export class CallPositions {
  readonly #calls: readonly ToolCall[];
  readonly #byId = new Map<string | undefined, number[]>();

  constructor(calls: readonly ToolCall[]) {
    this.#calls = calls;
    calls.forEach(({ id }, position) => {
      const positions = this.#byId.get(id);
      if (positions === undefined) this.#byId.set(id, [position]);
      else positions.push(position);
    });
  }

  /** The positions of all calls with this call's id. */
  withIdOf({ id }: ToolCall): readonly number[] {
    return this.#byId.get(id) ?? [];
  }

  /** The positions of all calls with this call's id, name and arguments. */
  equalTo(call: ToolCall): readonly number[] {
    const text = textOf(call);
    return this.withIdOf(call).filter(
      (position) => textOf(this.#calls[position] as ToolCall) === text,
    );
  }

  /**
   * The first open call that is equal to this one; else the first with its id.
   * Calls that have ended come last: their answers were kept, and of equal calls
   * it is the others that have to run.
   */
  firstOpen(
    call: ToolCall,
    isOpen: (position: number) => boolean,
    hasEnded: (position: number) => boolean,
  ): number | undefined {
    const open = this.withIdOf(call).filter(isOpen);
    if (open.length <= 1) return open[0];
    const equal = this.equalTo(call).filter(isOpen);
    const candidates = equal.length > 0 ? equal : open;
    return candidates.find((one) => !hasEnded(one)) ?? candidates[0];
  }
}

function textOf({ name, args }: ToolCall): string | undefined {
  return identityOf(name, args, []);
}
