import { AsyncLocalStorage } from "node:async_hooks";
import { BlockedWalk } from "../limits/blocked-walk.js";
import type { Clock } from "../limits/clock.js";
import { AccessCycleError } from "../errors/access-cycle-error.js";
import type { KeyLocks } from "../limits/key-locks.js";
import { Limit, offerRoom } from "../limits/limit.js";
import { Resumption } from "../limits/resumption.js";
import { lookAtSharedSlots } from "../limits/shared-slots.js";
import type { CallPlace } from "../schedule/call-place.js";
import type { NestedWork, RunningCall } from "../schedule/surroundings.js";

/** The async context of each running call. */
const storage = new AsyncLocalStorage<CallScope>();

/**
 * While slots are lent: who has something to tell. What is found in between says
 * nothing, since those who are offered room stand here and there.
 */
let whileLending: Set<(now: number) => void> | undefined;

/** The running call inside which this code runs. */
export function insideCall(): CallScope | undefined {
  return storage.getStore();
}

/** Runs an attempt, which ends when all that has to end inside of it has. */
export async function finishAfter<Value>(
  run: () => Promise<Value>,
): Promise<Value> {
  try {
    return await run();
  } finally {
    await insideCall()?.finish();
  }
}

/** The cap of a run, which holds for all that runs inside of it. */
export interface RunCap {
  readonly concurrency: number;
  /** Of the outermost run first. */
  readonly limits: readonly Limit[];
}

/** What holds for a call, and for what runs inside of it. */
export interface InsideRules {
  /** 1 for a call that runs inside of no other. */
  readonly depth: number;
  readonly maxDepth: number;
  /** `undefined`: no run around has a `maxConcurrency`. */
  readonly cap: RunCap | undefined;
  /** The shared state of the outermost batch and of all that runs inside of it. */
  readonly locks: KeyLocks | undefined;
}

interface CallScopeOptions {
  readonly inside: CallScope | undefined;
  readonly rules: InsideRules;
  readonly limits: readonly Limit[];
  readonly cost: number;
  readonly clock: Clock;
  readonly place?: CallPlace | undefined;
  readonly writer?: unknown;
}

/**
 * A running attempt of a call, and the batches that run inside of it.
 *
 *     runs -- a batch begins inside --> waits
 *     waits -- the last batch ends --> resumes
 *     resumes -- there is a slot to use at all of its limits --> runs
 *     resumes -- another batch begins inside --> waits
 *
 * It uses its slots while it runs. When it has ended, nothing inside of it is heard
 * of any more.
 */
export class CallScope implements RunningCall {
  readonly inside: CallScope | undefined;
  readonly rules: InsideRules;
  /** The call, or the nearest one around it, whose batch is watched. */
  readonly place: CallPlace | undefined;
  /** Writes to the stream of the run; the async context of a tool has none. */
  readonly writer: unknown;
  /** What has to end before the attempt may. Mostly there is nothing. */
  #endings: (() => Promise<void>)[] | undefined;
  #hasSettled = false;
  readonly #clock: Clock;
  readonly #limits: readonly Limit[];
  readonly #cost: number;
  #state: "runs" | "waits" | "resumes" | "ended" = "runs";
  /** Batches inside that have not ended. `undefined`: there never was one. */
  #works: Set<NestedWork> | undefined;
  #resumption: Resumption | undefined;
  #goOn: (() => void) | undefined;
  #willLook = false;

  constructor(options: CallScopeOptions) {
    const { inside, rules, limits, cost, clock, place, writer } = options;
    this.inside = inside;
    this.rules = rules;
    this.place = place;
    this.writer = writer;
    this.#limits = limits;
    this.#cost = cost;
    this.#clock = clock;
  }

  get keepsOthersOut(): boolean {
    return this.#limits.some((limit) => limit.keepsOthersOut);
  }

  run<Result>(attempt: () => Result): Result {
    return storage.run(this, attempt);
  }

  isBlocked(walk: BlockedWalk): boolean {
    return walk.isBlocked(this, () => {
      if (this.#state === "resumes") {
        return (
          this.#resumption?.isHeldUpForEver(this.#clock.now(), walk) === true
        );
      }
      if (this.#state !== "waits" || this.#works === undefined) return false;
      for (const work of this.#works) if (!work.isStuck(walk)) return false;
      return true;
    });
  }

  /** A batch begins inside. */
  begin(work: NestedWork): void {
    if (this.#state === "ended") return;
    this.#works ??= new Set();
    this.#works.add(work);
    if (this.#state === "resumes") this.#cancelResumption("waits");
    if (this.#state !== "runs") return;
    this.#state = "waits";
    for (const limit of this.#limits) limit.suspend(this);
    offerRoom(this.#limits, this.#clock.now());
  }

  /** A batch inside has ended. Resolves when it may hand out its answers. */
  leave(
    work: NestedWork,
    signal: AbortSignal | undefined,
  ): Promise<void> | undefined {
    if (this.#works?.delete(work) !== true || this.#works.size > 0) {
      this.changed();
      return undefined;
    }
    if (this.#state !== "waits" || signal?.aborted) return undefined;
    return this.#resume(signal);
  }

  /**
   * Something inside waits for something else than before. If the call is blocked
   * now, and perhaps those around it, their slots are lent.
   */
  changed(isNew = true, tellAgain?: (now: number) => void): boolean {
    if (whileLending !== undefined && (tellAgain ?? !isNew)) {
      if (tellAgain) whileLending.add(tellAgain);
      return false;
    }
    if (this.#willLook || this.#state === "ended") return true;
    this.#willLook = true;
    // When this turn is over, it is known what else has changed.
    queueMicrotask(() => {
      this.#willLook = false;
      this.#lend();
      lookAtSharedSlots();
    });
    return true;
  }

  /** Ends something before the attempt ends, or now. It must not reject. */
  onEnding(end: () => Promise<void>): void {
    if (this.#hasSettled) void end();
    else (this.#endings ??= []).push(end);
  }

  /** The attempt has settled, and ends when all of this has. */
  async finish(): Promise<void> {
    this.#hasSettled = true;
    const endings = this.#endings ?? [];
    this.#endings = undefined;
    await Promise.all(endings.map((end) => end()));
  }

  end(): void {
    this.#hasSettled = true;
    if (this.#endings !== undefined) void this.finish();
    if (this.#state === "resumes") this.#cancelResumption("ended");
    this.#state = "ended";
    this.#works = undefined;
  }

  #lend(): void {
    const limits = new Set<Limit>();
    for (const scope of this.#outwards()) {
      const walk = new BlockedWalk();
      if (!scope.isBlocked(walk)) break;
      // Those for which it waits, and its own.
      for (const thing of [...walk.found, ...scope.#limits]) {
        if (!(thing instanceof Limit)) continue;
        for (const limit of thing.lending) limits.add(limit);
      }
    }
    if (limits.size > 0) {
      const now = this.#clock.now();
      const told = (whileLending = new Set());
      offerRoom([...limits], now);
      whileLending = undefined;
      for (const tellAgain of told) tellAgain(now);
    }
    this.#breakCycles();
  }

  /** Calls that wait in a circle for keys of each other can't be helped. */
  #breakCycles(): void {
    for (;;) {
      const walk = new BlockedWalk(undefined, { asksLocks: true });
      if (!this.isBlocked(walk)) return;
      const [first] = walk.waiting;
      if (first === undefined) return;
      first.fail(new AccessCycleError(), this.#clock.now());
    }
  }

  /** This call, and those around it. */
  *#outwards(): Iterable<CallScope> {
    yield this;
    if (this.inside !== undefined) yield* this.inside.#outwards();
  }

  #resume(signal: AbortSignal | undefined): Promise<void> | undefined {
    const limits = this.#limits.filter(({ hasSlots }) => hasSlots);
    const now = this.#clock.now();
    const onResume = () => {
      this.#state = "runs";
      this.#handOut();
    };
    const onMove = () => this.changed();
    const resumption = new Resumption(
      this,
      limits,
      this.#cost,
      now,
      onResume,
      onMove,
    );
    if (resumption.begin(now) === "resumed") {
      this.#state = "runs";
      return undefined;
    }
    this.#state = "resumes";
    this.#resumption = resumption;
    return new Promise((resolve) => {
      const onAbort = () => this.#cancelResumption("waits");
      signal?.addEventListener("abort", onAbort);
      this.#goOn = () => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      };
    });
  }

  #cancelResumption(state: "waits" | "ended"): void {
    this.#state = state;
    this.#resumption?.cancel(this.#clock.now());
    this.#handOut();
  }

  #handOut(): void {
    this.#resumption = undefined;
    this.#goOn?.();
    this.#goOn = undefined;
  }
}
