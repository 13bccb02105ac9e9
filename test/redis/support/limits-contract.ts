import { ConfigurationError } from "parallel-tools-node";
import { describe, expect, it, vi } from "vitest";
import type {
  LimitRequest,
  Permit,
  SharedLimit,
  SharedLimits,
} from "@/limits/shared-limits.js";

const single: SharedLimit = { name: "resource single", concurrency: 1 };
const double: SharedLimit = { name: "resource double", concurrency: 2 };
const slow: SharedLimit = {
  name: "resource slow",
  rateLimit: {
    algorithm: "sliding-window",
    limit: 2,
    intervalMs: 60,
    // A busy machine may be late by half of that.
    jitterMs: 100,
    burst: 2,
  },
};
/** 100 tokens in a time that no test takes. */
const rate = {
  limit: 100,
  intervalMs: 600_000,
  jitterMs: 0,
  burst: 100,
} as const;
const calls = {
  ...rate,
  algorithm: "sliding-window",
  counts: "calls",
} as const;
const tokens: readonly SharedLimit[] = [
  {
    name: "resource window",
    rateLimit: [{ ...rate, algorithm: "sliding-window" }, calls],
  },
  {
    name: "resource bucket",
    rateLimit: [{ ...rate, algorithm: "token-bucket" }, calls],
  },
  {
    name: "resource with a cap",
    concurrency: 5,
    rateLimit: [
      { ...rate, algorithm: "sliding-window" },
      { ...rate, algorithm: "token-bucket" },
    ],
  },
];
/** The starts of calls are fixed ahead, unless their cost is an estimate. */
const oneRate: SharedLimit = {
  name: "resource with one rate",
  rateLimit: { ...rate, algorithm: "sliding-window" },
};
const barrier: SharedLimit = { name: "tool barrier", concurrency: 1_000 };

/** Asks for permits and writes down who got one, in order. */
class Asker {
  readonly log: string[] = [];
  readonly permits = new Map<string, Permit>();
  readonly #limits: SharedLimits;

  constructor(limits: SharedLimits) {
    this.#limits = limits;
  }

  ask(
    id: string,
    limits: readonly SharedLimit[],
    {
      cost = 1,
      signal = new AbortController().signal,
      ...nested
    }: Partial<LimitRequest> = {},
  ): Promise<void> {
    return this.#limits.acquire({ limits, cost, signal, ...nested }).then(
      (permit) => {
        this.log.push(id);
        this.permits.set(id, permit);
      },
      (reason: unknown) => {
        this.log.push(`${id} ${String(reason)}`);
      },
    );
  }

  /** The call has ended, and has used so many tokens. */
  correct(id: string, used: number): void {
    this.permits.get(id)?.correct?.(used);
    this.release(id);
  }

  release(id: string): void {
    this.permits.get(id)?.release();
  }

  /** Until what was asked before has been answered, if only by "wait". */
  async settle(): Promise<void> {
    for (const _ of [1, 2]) {
      const { signal } = new AbortController();
      const limits = [barrier];
      const permit = await this.#limits.acquire({ limits, cost: 1, signal });
      permit.release();
    }
  }
}

function abortable() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort("over") };
}

/** What every implementation of `SharedLimits` has to do. */
export function describeContract(
  implementation: string,
  create: () => SharedLimits,
): void {
  describe(`${implementation}`, () => {
    it("lets as many in as a cap has slots, the others in the order of asking", async () => {
      const asker = new Asker(create());
      const all = ["a", "b", "c", "d"].map((id) => asker.ask(id, [double]));
      await asker.settle();
      expect(asker.log).toEqual(["a", "b"]);
      asker.release("b");
      await all[2];
      asker.release("c");
      await all[3];
      expect(asker.log).toEqual(["a", "b", "c", "d"]);
    });

    it("takes all limits of a request together, and none while it waits", async () => {
      const asker = new Asker(create());
      await asker.ask("a", [single]);
      const both = asker.ask("both", [double, single]);
      await asker.ask("b", [double]);
      await asker.ask("c", [double]);
      await asker.settle();
      expect(asker.log).toEqual(["a", "b", "c"]);
      asker.release("a");
      await asker.settle();
      expect(asker.log).toEqual(["a", "b", "c"]);
      asker.release("b");
      await both;
      expect(asker.log.at(-1)).toBe("both");
    });

    it("lets nobody overtake those who stand at a cap", async () => {
      const asker = new Asker(create());
      await asker.ask("a", [single]);
      const first = asker.ask("b", [single]);
      const second = asker.ask("c", [single, double]);
      asker.release("a");
      const third = asker.ask("d", [single]);
      await first;
      asker.release("b");
      await second;
      asker.release("c");
      await third;
      expect(asker.log).toEqual(["a", "b", "c", "d"]);
    });

    it("spaces starts as a rate limit has it", async () => {
      const asker = new Asker(create());
      const since = performance.now();
      const times = await Promise.all(
        ["a", "b", "c", "d", "e"].map(async (id) => {
          await asker.ask(id, [slow]);
          return performance.now() - since;
        }),
      );
      expect(asker.log).toEqual(["a", "b", "c", "d", "e"]);
      expect(times[2]).toBeGreaterThanOrEqual(155);
      expect(times[4]).toBeGreaterThanOrEqual(315);
    });

    it("doesn't let a throttled request hold up a free one", async () => {
      const asker = new Asker(create());
      await asker.ask("a", [slow, double], { cost: 2 });
      const throttled = asker.ask("b", [slow, double]);
      await asker.ask("c", [double]);
      await asker.settle();
      expect(asker.log).toEqual(["a", "c"]);
      asker.release("c");
      await throttled;
      expect(asker.log).toEqual(["a", "c", "b"]);
    });

    it("rejects with the reason of an abort, and goes on without it", async () => {
      const asker = new Asker(create());
      const controller = new AbortController();
      await asker.ask("a", [single]);
      const b = asker.ask("b", [single], { signal: controller.signal });
      const c = asker.ask("c", [single]);
      await asker.settle();
      controller.abort("gone");
      await b;
      asker.release("a");
      await c;
      expect(asker.log).toEqual(["a", "b gone", "c"]);
    });

    it("rejects at once when the signal has been aborted before", async () => {
      const asker = new Asker(create());
      const signal = AbortSignal.abort("late");
      await asker.ask("a", [single], { signal });
      await asker.ask("b", [single]);
      expect(asker.log).toEqual(["a late", "b"]);
    });

    it("is not disturbed by an abort after the permit", async () => {
      const asker = new Asker(create());
      const controller = new AbortController();
      await asker.ask("a", [single], { signal: controller.signal });
      controller.abort("late");
      const b = asker.ask("b", [single]);
      await asker.settle();
      expect(asker.log).toEqual(["a"]);
      asker.release("a");
      await b;
    });

    it("takes one slot back, however often it is given back", async () => {
      const asker = new Asker(create());
      await asker.ask("a", [single]);
      const b = asker.ask("b", [single]);
      void asker.ask("c", [single]);
      asker.release("a");
      asker.release("a");
      asker.permits.get("a")?.cancel();
      await b;
      await asker.settle();
      expect(asker.log).toEqual(["a", "b"]);
    });

    it("takes back the slots of a call that was not started", async () => {
      const asker = new Asker(create());
      await asker.ask("a", [single, double]);
      const b = asker.ask("b", [single]);
      asker.permits.get("a")?.cancel();
      await b;
      expect(asker.log).toEqual(["a", "b"]);
    });

    it("lets nobody start while a limit is paused, nor who waited before", async () => {
      const limits = create();
      const asker = new Asker(limits);
      await asker.ask("a", [slow], { cost: 2 });
      const waiting = asker.ask("b", [slow]);
      await asker.settle();
      const since = performance.now();
      limits.pause(slow, 400);
      limits.pause(single, 200);
      const other = asker.ask("c", [single]);
      await asker.ask("d", [double]);
      await other;
      expect(performance.now() - since).toBeGreaterThanOrEqual(195);
      await waiting;
      expect(performance.now() - since).toBeGreaterThanOrEqual(395);
      expect(asker.log).toEqual(["a", "d", "c", "b"]);
    });

    it("lets a call that uses another's slot pass those who wait for one", async () => {
      const asker = new Asker(create());
      await asker.ask("a", [single]);
      const waits = asker.ask("b", [single]);
      await asker.settle();
      await asker.ask("inside", [single, double], { held: [single.name] });
      const full = asker
        .ask("c", [double])
        .then(() => asker.ask("d", [double]));
      await asker.settle();
      expect(asker.log).toEqual(["a", "inside", "c"]);
      asker.release("inside");
      await full;
      asker.release("a");
      await waits;
      expect(asker.log).toEqual(["a", "inside", "c", "d", "b"]);
    });

    it("makes a call that uses another's slot pay its rate", async () => {
      const both = { ...slow, concurrency: 1 };
      const asker = new Asker(create());
      await asker.ask("a", [both], { cost: 2 });
      const since = performance.now();
      const waits = asker.ask("b", [both]);
      await asker.settle();
      await asker.ask("inside", [both], { cost: 2, held: [both.name] });
      expect(performance.now() - since).toBeGreaterThanOrEqual(100);
      expect(asker.log).toEqual(["a", "inside"]);
      asker.release("a");
      await waits;
    });

    it("lets a call go on before all new ones, though there are no tokens and a pause", async () => {
      const both = { ...slow, concurrency: 1 };
      const limits = create();
      const asker = new Asker(limits);
      await asker.ask("a", [both], { cost: 2 });
      const waits = asker.ask("b", [both]);
      await asker.settle();
      const again = asker.ask("again", [both], { goesOn: true });
      await asker.settle();
      limits.pause(both, 300);
      const since = performance.now();
      asker.release("a");
      await again;
      expect(asker.log).toEqual(["a", "again"]);
      asker.release("again");
      await waits;
      expect(performance.now() - since).toBeGreaterThanOrEqual(295);
    });

    it("lets a call in that waits, when an estimate was too high", async () => {
      const asker = new Asker(create());
      const estimate = { cost: 60, isEstimate: true };
      await asker.ask("a", [oneRate], estimate);
      void asker.ask("b", [oneRate], estimate);
      await asker.settle();
      expect(asker.log).toEqual(["a"]);
      asker.correct("a", 20);
      await vi.waitFor(() => expect(asker.log).toEqual(["a", "b"]));
    });

    it.each(tokens)(
      "counts what calls have used of $name, not what they took",
      async (limit) => {
        const asker = new Asker(create());
        const { signal, abort } = abortable();
        await asker.ask("a takes 60", [limit], { cost: 60 });
        await asker.ask("b takes 20", [limit], { cost: 20 });
        asker.correct("a takes 60", 20);
        await asker.ask("c takes 55", [limit], { cost: 55 });
        void asker.ask("d takes 50", [limit], { cost: 50, signal });
        await asker.settle();
        expect(asker.log).toEqual(["a takes 60", "b takes 20", "c takes 55"]);
        asker.correct("c takes 55", 5);
        await vi.waitFor(() => expect(asker.log).toHaveLength(4));
        // 95 are used. It takes 3, and uses 30.
        await asker.ask("e takes 3", [limit], { cost: 3 });
        asker.correct("e takes 3", 30);
        void asker.ask("f takes 1", [limit], { cost: 1, signal });
        await asker.settle();
        expect(asker.log.slice(3)).toEqual(["d takes 50", "e takes 3"]);
        abort();
      },
    );

    it("refuses what a limit can never give", async () => {
      const { signal } = new AbortController();
      const request = { limits: [slow], cost: 3, signal };
      const refusal = create().acquire(request);
      await expect(refusal).rejects.toBeInstanceOf(ConfigurationError);
      await expect(refusal).rejects.toThrow(
        "Expected `cost` to be at most 2, which is all that the rate limit of resource slow gives at once, got `3` (number)",
      );
    });
  });
}
