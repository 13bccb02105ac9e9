import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Permit, SharedLimit } from "@/limits/shared-limits.js";
import type { Update } from "@/shared/protocol.js";
import {
  type Store,
  type StoreListener,
  StoreUnavailable,
} from "@/shared/store.js";
import { StoredLimits } from "@/shared/stored-limits.js";
import { cap, rate } from "../redis/support/scenario.js";
import { FakeClock, settle } from "../support/fake-clock.js";

/** Grants all that is asked of it. */
class GenerousStore implements Store {
  readonly name = "The store";
  readonly processId = "me";
  readonly hasMessages = true;
  isConnected = true;
  memory = "first";
  readonly updates: Update[] = [];
  openMessages = vi.fn<() => void>();
  onRefusal = vi.fn<() => void>();
  standBy = vi.fn<() => void>();
  listener: StoreListener | undefined;
  readonly #clock: FakeClock;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  async send(update: Update): Promise<unknown> {
    await Promise.resolve();
    if (!this.isConnected) throw new StoreUnavailable("away");
    this.updates.push(update);
    if (update.memory !== "" && update.memory !== this.memory) {
      return [["lost", this.memory]];
    }
    const now = String(1_000_000_000 + this.#clock.now() * 1_000);
    return [
      ["memory", this.memory],
      ...update.asked.map(([id, request]) =>
        request.includes("cap")
          ? ["granted", id, now, "1"]
          : ["booked", id, "0", now],
      ),
    ];
  }

  /** It goes, and the process sees it. */
  leave(): void {
    this.isConnected = false;
    this.listener?.onDisconnect();
  }

  comeBack(): void {
    this.isConnected = true;
    this.listener?.onConnect();
  }

  get last(): Update {
    return this.updates.at(-1)!;
  }
}

const two: SharedLimit = { ...cap, concurrency: 2 };
const window = rate(3, 1_000);

describe("a process that keeps to its own limits while the store is away", () => {
  vi.spyOn(console, "warn").mockImplementation(() => {});
  let clock: FakeClock;
  let store: GenerousStore;
  let limits: StoredLimits;
  let log: string[];
  let permits: Map<string, Permit>;

  beforeEach(() => {
    clock = new FakeClock();
    store = new GenerousStore(clock);
    log = [];
    permits = new Map();
    limits = new StoredLimits(
      (listener) => {
        store.listener = listener;
        return store;
      },
      { leaseMs: 900_000, retryMs: 600_000, onUnavailable: "local" },
      clock,
    );
  });

  async function ask(id: string, limit: SharedLimit): Promise<void> {
    const { signal } = new AbortController();
    void limits.acquire({ limits: [limit], cost: 1, signal }).then((permit) => {
      log.push(`${clock.now()} ${id}`);
      permits.set(id, permit);
    });
    await settle();
  }

  it("counts the slots that the store has given it", async () => {
    await ask("a", two);
    await ask("b", two);
    store.leave();
    await ask("c", two);
    await ask("d", two);
    expect(log).toEqual(["0 a", "0 b"]);
    permits.get("a")!.release();
    await settle();
    expect(log).toEqual(["0 a", "0 b", "0 c"]);
    permits.get("b")!.cancel();
    permits.get("c")!.release();
    await settle();
    expect(log).toEqual(["0 a", "0 b", "0 c", "0 d"]);
  });

  it("gives slots back without waiting for the answer about others", async () => {
    for (const id of ["a", "b"]) await ask(id, two);
    const send = store.send.bind(store);
    let answer = () => {};
    const isAnswered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    store.send = async (update) => {
      const events = await send(update);
      await isAnswered;
      return events;
    };
    const before = store.updates.length;
    permits.get("a")!.release();
    await settle();
    permits.get("b")!.release();
    await settle();
    const given = store.updates.slice(before);
    expect(given.map(({ dropped }) => dropped)).toEqual([["1"], ["2"]]);
    // Of those that ask, one waits for the answer to the other.
    await ask("c", two);
    expect(store.updates).toHaveLength(before + 3);
    await ask("d", two);
    expect(store.updates).toHaveLength(before + 3);
    answer();
    await settle();
    expect(log).toEqual(["0 a", "0 b", "0 c", "0 d"]);
  });

  it("counts the starts that the store has let happen", async () => {
    await ask("a", window);
    await clock.advance(400);
    await ask("b", window);
    store.leave();
    for (const id of ["c", "d", "e"]) await ask(id, window);
    await clock.drain();
    expect(log).toEqual(["0 a", "400 b", "400 c", "1000 d", "1400 e"]);
  });

  it("keeps its limits where booked starts were still to come", async () => {
    store.send = async (update) => {
      store.updates.push(update);
      if (!store.isConnected) throw new StoreUnavailable("away");
      const at = String(1_000_000_000 + 500_000);
      return update.asked.map(([id]) => ["booked", id, "500000", at]);
    };
    for (const id of ["a", "b", "c"]) await ask(id, window);
    store.leave();
    for (const id of ["d", "e"]) await ask(id, window);
    await clock.drain();
    expect(log).toEqual(["0 a", "0 b", "0 c", "1000 d", "1000 e"]);
  });

  it("tells the store of what runs and of what has started without it", async () => {
    await ask("a", two);
    await ask("b", window);
    await clock.advance(100);
    store.leave();
    await ask("c", two);
    await ask("d", window);
    await clock.advance(100);
    await ask("e", window);
    permits.get("a")!.release();
    await clock.advance(50);
    store.comeBack();
    await settle();
    const update = store.updates.find(({ started }) => started.length > 0)!;
    expect(update.known).toBe(-1);
    expect(update.held).toHaveLength(1);
    expect(update.held[0]![1]).toContain('\\"cap\\":2');
    expect(update.started).toEqual([
      [expect.stringContaining('\\"tokens\\":3'), 1, 150_000],
      [expect.stringContaining('\\"tokens\\":3'), 1, 50_000],
    ]);
    permits.get("c")!.release();
    await ask("f", window);
    expect(store.last.started).toEqual([]);
  });

  it("tells the store that has lost its memory of all starts that count", async () => {
    await ask("a", window);
    await clock.advance(900);
    await ask("b", window);
    await ask("c", two);
    store.memory = "second";
    await clock.advance(200);
    await ask("d", window);
    expect(log.at(-1)).toBe("1100 d");
    expect(store.last.memory).toBe("second");
    expect(store.last.held).toHaveLength(1);
    expect(store.last.started.map(([, , agoUs]) => agoUs)).toEqual([200_000]);
  });

  it("tells it in the outage's first update, too", async () => {
    await ask("a", window);
    await clock.advance(100);
    store.leave();
    await ask("b", window);
    store.memory = "second";
    await clock.advance(100);
    store.comeBack();
    await settle();
    const update = store.updates.find(
      ({ memory, started }) => memory === "second" && started.length > 0,
    )!;
    expect(update.started.map(([, , agoUs]) => agoUs)).toEqual([
      200_000, 100_000,
    ]);
    await ask("c", window);
    expect(log).toEqual(["0 a", "100 b", "200 c"]);
  });

  it("tells it again of starts when the update was not answered", async () => {
    await ask("a", two);
    store.leave();
    await ask("b", window);
    store.listener!.onConnect();
    await settle();
    store.comeBack();
    await settle();
    expect(store.updates.flatMap(({ started }) => started)).toHaveLength(1);
  });

  it("lets the store rest when nothing of it is left there", async () => {
    await ask("a", two);
    await ask("b", window);
    expect(store.standBy).not.toHaveBeenCalled();
    permits.get("a")!.release();
    await settle();
    expect(store.standBy).toHaveBeenCalled();
  });
});
