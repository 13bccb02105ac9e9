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
   * id and name and the most arguments in common. Of several it is the likely one, or
   * else the first.
   *
   * @param hasAnswer a call that has been answered may come again
   */
  find(
    call: ToolCall,
    isOpen: (position: number) => boolean,
    isLikely: (position: number) => boolean = () => false,
    hasAnswer: (position: number) => boolean = () => true,
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
    // Equal to one that has been answered: it comes again.
    const again = withId.filter(isEqual);
    if (again.length > 0 && again.every(hasAnswer)) return undefined;
    const named = open.filter((one) => this.#at(one).name === call.name);
    const likely = named.find(isLikely);
    if (likely !== undefined) return likely;
    const candidates = named.length > 0 ? named : open;
    const common = (one: number) => commonArguments(this.#at(one), call);
    return candidates.toSorted((a, b) => common(b) - common(a))[0];
  }

  /** Whether a call that has come is the one at this position, and no other. */
  isCertain(call: ToolCall, position: number): boolean {
    return (
      this.withIdOf(call).length === 1 ||
      textOf(this.#at(position)) === textOf(call)
    );
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
