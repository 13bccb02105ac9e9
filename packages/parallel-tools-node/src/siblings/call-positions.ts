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
      (position) => textOf(this.#at(position)) === text,
    );
  }

  /**
   * The open call that this one is. Other middleware may have changed its id or its
   * arguments: then it is the call that is equal without an id, or that has the same
   * id and name and the most arguments in common. Of equal calls it is the likely
   * one, or else the first.
   */
  find(
    call: ToolCall,
    isOpen: (position: number) => boolean,
    isLikely: (position: number) => boolean = () => false,
  ): number | undefined {
    const withId = this.withIdOf(call);
    const open = withId.filter(isOpen);
    if (withId.length === 1) return open[0];
    const text = textOf(call);
    const isEqual = (one: number) => textOf(this.#at(one)) === text;
    const all =
      withId.length > 0 ? open : [...this.#calls.keys()].filter(isOpen);
    const equal = all.filter(isEqual);
    if (equal.length > 0) return equal.find(isLikely) ?? equal[0];
    // Equal to one that isn't open: it comes again.
    if (withId.some(isEqual)) return undefined;
    const named = open.filter((one) => this.#at(one).name === call.name);
    const candidates = named.length > 0 ? named : open;
    const common = (one: number) => commonArguments(this.#at(one), call);
    return candidates.toSorted((a, b) => common(b) - common(a))[0];
  }

  #at(position: number): ToolCall {
    return this.#calls[position] as ToolCall;
  }
}

function commonArguments({ args: one }: ToolCall, { args: other }: ToolCall) {
  return Object.keys(one ?? {}).filter(
    (key) => identityOf("", one[key]) === identityOf("", other?.[key]),
  ).length;
}

function textOf({ name, args }: ToolCall): string | undefined {
  return identityOf(name, args);
}
