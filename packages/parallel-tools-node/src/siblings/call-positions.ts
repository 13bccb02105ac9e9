import type { ToolCall } from "@langchain/core/messages/tool";
import { identityOf } from "../plan/identity-of.js";

/** One arrival of a call that is to be made a task. */
export interface Arrival {
  /** Identifies the call's task below the task around it. */
  readonly number: number;
  readonly isFirst: boolean;
  /** A human's answers to the call's questions so far. */
  answers: readonly unknown[];
}

/**
 * Finds the position of a call in a batch. The ids of calls may be missing or
 * repeat.
 */
export class CallPositions {
  readonly #calls: readonly ToolCall[];
  readonly #byId = new Map<string | undefined, number[]>();
  /** By position. Other middleware may make a call more than once. */
  readonly #arrivals: Arrival[][] = [];

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

  /** The first open call that is equal to this one; else the first with its id. */
  firstOpen(
    call: ToolCall,
    isOpen: (position: number) => boolean,
  ): number | undefined {
    const open = this.withIdOf(call).filter(isOpen);
    if (open.length <= 1) return open[0];
    return this.equalTo(call).find(isOpen) ?? open[0];
  }

  /**
   * A call has come that is to be made a task. The number depends on the call's
   * position and on how often it has come, and not on the order in which calls
   * come. Equal calls may be confused with each other.
   */
  noteArrival(call: ToolCall): Arrival {
    const equal = this.equalTo(call);
    const own = equal.length > 0 ? equal : this.withIdOf(call);
    const count = (position: number) => this.#arrivals[position]?.length ?? 0;
    const position =
      own.toSorted((a, b) => count(a) - count(b))[0] ?? this.#calls.length;
    const all = (this.#arrivals[position] ??= []);
    const arrival: Arrival = {
      number: position + (this.#calls.length + 1) * all.length,
      isFirst: all.length === 0,
      answers: (equal.length > 0 && all.at(-1)?.answers) || [],
    };
    all.push(arrival);
    return arrival;
  }
}

function textOf({ name, args }: ToolCall): string | undefined {
  return identityOf(name, args, []);
}
