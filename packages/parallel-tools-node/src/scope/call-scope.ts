import type { Clock } from "../limits/clock.js";
import { Limit, offerRoom } from "../limits/limit.js";
import { Resumption } from "../limits/resumption.js";
import { lookAtSharedSlots } from "../limits/shared-slots.js";
import type { NestedWork, RunningCall } from "../schedule/surroundings.js";
import { runInside } from "./inside.js";

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
  readonly #clock: Clock;
  readonly #limits: readonly Limit[];
  readonly #cost: number;
  #state: "runs" | "waits" | "resumes" | "ended" = "runs";
  /** Batches inside that have not ended. `undefined`: there never was one. */
  #works: Set<NestedWork> | undefined;
  #resumption: Resumption | undefined;
  #goOn: (() => void) | undefined;
  #willLook = false;

  constructor(
    inside: CallScope | undefined,
    limits: readonly Limit[],
    cost: number,
    clock: Clock,
  ) {
    this.inside = inside;
    this.#limits = limits;
    this.#cost = cost;
    this.#clock = clock;
  }

  run<Result>(attempt: () => Result): Result {
    return runInside(this, attempt);
  }

  isBlocked(blocked: Set<object>): boolean {
    if (blocked.has(this)) return true;
    blocked.add(this);
    if (this.#state === "resumes") {
      return (
        this.#resumption?.isHeldUpForEver(this.#clock.now(), blocked) === true
      );
    }
    if (this.#state !== "waits" || this.#works === undefined) return false;
    for (const work of this.#works) if (!work.isStuck(blocked)) return false;
    return true;
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
  changed(): void {
    if (this.#willLook || this.#state === "ended") return;
    this.#willLook = true;
    // When this turn is over, it is known what else has changed.
    queueMicrotask(() => {
      this.#willLook = false;
      this.#lend();
      lookAtSharedSlots();
    });
  }

  end(): void {
    if (this.#state === "resumes") this.#cancelResumption("ended");
    this.#state = "ended";
    this.#works = undefined;
  }

  #lend(): void {
    const limits = new Set<Limit>();
    let one: CallScope | undefined = this;
    for (; one !== undefined; one = one.inside) {
      const blocked = new Set<object>();
      if (!one.isBlocked(blocked)) break;
      // Those for which it waits, and its own.
      for (const thing of [...blocked, ...one.#limits]) {
        if (!(thing instanceof Limit)) continue;
        for (const limit of thing.lending) limits.add(limit);
      }
    }
    if (limits.size > 0) offerRoom([...limits], this.#clock.now());
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
