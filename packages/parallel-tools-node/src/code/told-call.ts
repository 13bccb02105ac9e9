import type { BatchWatch, RunWatch } from "../batch/batch-watch.js";
import type { CallPlace } from "../schedule/call-place.js";
import type { ScheduleObserver } from "../schedule/schedule-observer.js";

/** Tells of a batch of one call as of a call of the code's own batch. */
export class ToldCall implements RunWatch {
  readonly observer: ScheduleObserver;
  readonly #watch: BatchWatch | undefined;
  readonly #position: number;

  /**
   * @param watch of the code's batch, in which the call has this position
   * @param onEnd the call has ended: others may begin that waited for it
   */
  constructor(
    watch: BatchWatch | undefined,
    position: number,
    onEnd: () => void,
  ) {
    this.#watch = watch;
    this.#position = position;
    const observer = watch?.observer;
    this.observer = {
      onReady: (_, now) => observer?.onReady(position, now),
      onBlocked: (_, ...step) => observer?.onBlocked?.(position, ...step),
      onStart: (_, ...step) => observer?.onStart(position, ...step),
      onLeave: (_, ...step) => observer?.onLeave?.(position, ...step),
      onAgain: (_, ...step) => observer?.onAgain(position, ...step),
      onEnd: (_, ...step) => {
        observer?.onEnd(position, ...step);
        onEnd();
      },
    };
  }

  placeOf(): CallPlace | undefined {
    return this.#watch?.placeOf(this.#position);
  }

  start<Value>(_: number, run: () => Promise<Value>): Promise<Value> {
    return this.#watch?.start(this.#position, run) ?? run();
  }

  onResuming(resumed: Promise<void>): void {
    this.#watch?.onResuming(resumed);
  }

  startedEarly(): void {}

  /** The code's batch ends with the code. */
  end(): void {}
}
