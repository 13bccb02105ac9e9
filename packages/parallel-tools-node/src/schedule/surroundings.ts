import type { BlockedWalk } from "../limits/blocked-walk.js";
import type { Limit } from "../limits/limit.js";
import { type Holder, outsider } from "../limits/slots.js";

/** A batch, as the call sees it inside which it runs. */
export interface NestedWork {
  /** Whether no call of it will go on before calls do that are blocked. */
  isStuck(walk: BlockedWalk): boolean;
}

/** A running attempt of a call. What it starts runs inside of it. */
export interface RunningCall extends Holder {
  /** Runs a function inside of the call. */
  run<Result>(attempt: () => Result): Result;
  /** It waits for something inside of it from now on. */
  begin(work: NestedWork): void;
  /** That is over. Resolves when it may go on. `signal` as for {@link Surroundings.end}. */
  leave(
    work: NestedWork,
    signal: AbortSignal | undefined,
  ): Promise<void> | undefined;
  /** The attempt has ended, and its limits have been given back. */
  end(): void;
}

/** The call inside which a batch runs, and how calls of the batch are opened. */
export interface Surroundings {
  /** `undefined`: the batch runs inside of no call. */
  readonly inside: Holder | undefined;
  /** A call is about to start. */
  open(limits: readonly Limit[], cost: number, position: number): RunningCall;
  /** The batch begins: the call around it waits for it. */
  begin(work: NestedWork): void;
  /**
   * Some call of the batch waits for something else than before.
   *
   * @param isNew `false`: perhaps it doesn't
   * @param tellAgain is called later if nobody listens now
   * @returns whether somebody does
   */
  changed(isNew: boolean, tellAgain?: (now: number) => void): boolean;
  /**
   * The batch is over. Resolves when the call around it may go on.
   *
   * @param signal when it is aborted, nothing has to be waited for
   */
  end(
    work: NestedWork,
    signal: AbortSignal | undefined,
  ): Promise<void> | undefined;
}

function unknownCall(): RunningCall {
  return {
    ...outsider(),
    run: (attempt) => attempt(),
    begin() {},
    leave: () => undefined,
    end() {},
  };
}

const NO_LIMITS = unknownCall();

/** A batch that nobody needs to know of. */
export const NO_SURROUNDINGS: Surroundings = {
  inside: undefined,
  open: (limits) => (limits.length === 0 ? NO_LIMITS : unknownCall()),
  begin() {},
  changed: () => true,
  end: () => undefined,
};
