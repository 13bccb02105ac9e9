import { WarnOnce } from "../errors/warn-once.js";
import { LEAST_LATE_MS } from "../limits/max-late-ms.js";
import type { EncodedRequest, LimitEvent } from "./protocol.js";
import type { Ticket } from "./ticket.js";

type Difference = Extract<LimitEvent, { readonly kind: "differs" }>;

/**
 * The limits of which other processes declare something else. Tells of each once.
 */
export class Differences {
  readonly #store: string;
  readonly #leaseMs: number;
  readonly #warnings = new WarnOnce();
  /** The names of those that differed when this process asked last. */
  readonly #names = new Set<string>();

  /**
   * @param store as the warning names it
   * @param leaseMs how long a declaration holds that nobody asks with
   */
  constructor(store: string, leaseMs: number) {
    this.#store = store;
    this.#leaseMs = leaseMs;
  }

  /**
   * Milliseconds by which a start may be late. Where another process has a rate of
   * which this one knows nothing, it has to be as punctual as it can.
   */
  maxLateMs({ declarations, maxLateMs }: EncodedRequest): number {
    if (this.#names.size === 0) return maxLateMs;
    const differs = [...declarations.keys()].some((one) =>
      this.#names.has(one),
    );
    return differs ? Math.min(maxLateMs, LEAST_LATE_MS) : maxLateMs;
  }

  /** These tickets are answered. What still differs is noted next. */
  forget(asked: ReadonlyMap<string, Ticket>): void {
    if (this.#names.size === 0) return;
    for (const { encoded } of asked.values()) {
      for (const name of encoded.declarations.keys()) this.#names.delete(name);
    }
  }

  /** @param asked the tickets with which this process has just asked */
  note(
    { name, declaration }: Difference,
    asked: ReadonlyMap<string, Ticket>,
  ): void {
    this.#names.add(name);
    const own = [...asked.values()]
      .map(({ encoded }) => encoded.declarations.get(name))
      .find((text) => text !== undefined);
    if (own === undefined) return;
    this.#warnings.warn(
      name,
      `Limits of ${JSON.stringify(name)} differ between processes that share it ` +
        `in ${this.#store}: ${inWords(own)} here, ${inWords(declaration)} ` +
        "elsewhere. The strictest holds for all, until nobody has asked with it " +
        `for ${this.#leaseMs} ms. Unless a new version is being rolled out, ` +
        "declare the same in all of them, or give each its own name or `prefix`.",
    );
  }
}

/** @param declaration as a process wrote it, of this version or another */
function inWords(declaration: string): string {
  const { cap, rates } = parse(declaration);
  const parts = [
    ...(cap === undefined ? [] : [`${String(cap)} at once`]),
    ...(Array.isArray(rates) ? rates.map((rate) => rateInWords(rate)) : []),
  ];
  return parts.join(" and ") || "other limits";
}

function rateInWords(rate: unknown): string {
  const { calls, tokens, window, step } = (rate ?? {}) as Fields;
  const what = `${String(tokens)} ${calls === true ? "calls" : "tokens"}`;
  if (window !== undefined) return `${what} in ${inMs(window)} ms`;
  return `${what} and one more every ${inMs(step)} ms`;
}

type Fields = Readonly<Record<string, unknown>>;

function parse(text: string): Fields {
  try {
    return (JSON.parse(text) ?? {}) as Fields;
  } catch {
    return {};
  }
}

function inMs(us: unknown): string {
  return String(Number(us) / 1_000);
}
