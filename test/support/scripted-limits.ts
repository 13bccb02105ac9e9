import type {
  LimitRequest,
  Permit,
  SharedLimit,
  SharedLimits,
} from "@/limits/shared-limits.js";

/** Someone asked for a permit. The test says what becomes of it. */
export interface Ask {
  /** Counts from 1. */
  readonly number: number;
  readonly request: LimitRequest;
  grant(): void;
  reject(error: unknown): void;
}

/**
 * Limits that are kept elsewhere, played by the test. The log says what was
 * asked and what became of it: `["ask 1", "grant 1", "release 1"]`.
 */
export class ScriptedLimits implements SharedLimits {
  readonly log: string[] = [];
  readonly asks: Ask[] = [];
  readonly pauses: string[] = [];
  readonly #answered = new Set<number>();
  /** Called with each ask, before the asker hears anything. */
  onAsk: (ask: Ask) => void = () => {};

  acquire(request: LimitRequest): Promise<Permit> {
    const number = this.asks.length + 1;
    this.log.push(`ask ${number}`);
    return new Promise((resolve, reject) => {
      const ask: Ask = {
        number,
        request,
        grant: () => {
          this.log.push(`grant ${number}`);
          this.#answered.add(number);
          resolve(this.#permit(number));
        },
        reject: (error) => {
          this.#answered.add(number);
          reject(error);
        },
      };
      this.asks.push(ask);
      request.signal.addEventListener("abort", () => {
        this.log.push(`abort ${number}`);
      });
      this.onAsk(ask);
    });
  }

  pause({ name }: SharedLimit, ms: number): void {
    this.pauses.push(`${name} ${ms}`);
  }

  /** The asks that are neither aborted nor answered. */
  open(): Ask[] {
    return this.asks.filter(
      ({ number, request }) =>
        !request.signal.aborted && !this.#answered.has(number),
    );
  }

  #permit(number: number): Permit {
    return {
      release: () => this.log.push(`release ${number}`),
      cancel: () => this.log.push(`cancel ${number}`),
    };
  }
}

/** Lets each ask abort as the interface wants it: rejects with the reason. */
export function rejectOnAbort(ask: Ask): void {
  const { signal } = ask.request;
  signal.addEventListener("abort", () => ask.reject(signal.reason));
}
