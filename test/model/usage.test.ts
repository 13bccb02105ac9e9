import {
  inProcessLimits,
  limitModel,
  type ModelLimits,
  ParallelToolNode,
  type RateLimit,
} from "parallel-tools-node";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { configurationProblem } from "../support/thrown-by.js";
import { silenceWarnings } from "../support/silence-warnings.js";
import { FakeModel } from "./support/fake-model.js";

const warn = silenceWarnings();

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const WINDOW: RateLimit = { limit: 90, intervalMs: 1_000, jitterMs: 0 };
const BUCKET: RateLimit = { ...WINDOW, algorithm: "token-bucket", burst: 90 };

/** 240 characters: 60 tokens, as they are estimated. */
const PROMPT = "x".repeat(240);

/** Asks three times, each when the answer before has come. Returns when each was sent. */
async function askThrice(
  used: number | undefined,
  options: {
    readonly rateLimit?: RateLimit;
    readonly limits?: ModelLimits;
    readonly isStored?: boolean;
    readonly streams?: boolean;
  } = {},
): Promise<number[]> {
  const { rateLimit = WINDOW, limits = {}, isStored, streams } = options;
  const log: string[] = [];
  const model = new FakeModel(log);
  model.usage =
    used === undefined
      ? undefined
      : { input_tokens: used - 1, output_tokens: 1, total_tokens: used };
  const node = new ParallelToolNode([], {
    resources: { api: { rateLimit } },
    ...(isStored === true && { limits: inProcessLimits() }),
  });
  const limited = limitModel(model, node, limits);
  const asked = (async () => {
    for (let time = 0; time < 3; time += 1) {
      if (streams === true) {
        for await (const _ of await limited.stream(PROMPT));
      } else await limited.invoke(PROMPT);
    }
  })();
  await vi.runAllTimersAsync();
  await asked;
  return log.map((line) => Number(line.split(" ")[0]));
}

describe("what an answer says of its usage", () => {
  it("is not needed: then what was estimated counts", async () => {
    expect(await askThrice(undefined)).toEqual([0, 1_000, 2_000]);
  });

  it("gives back what was not used", async () => {
    expect(await askThrice(20)).toEqual([0, 10, 1_000]);
    expect(await askThrice(20, { streams: true })).toEqual([0, 10, 1_000]);
  });

  it("counts what was used beyond the estimate from the answer on", async () => {
    // 100 of 90 are used at 10, of which 40 leave the window at 1,010.
    expect(await askThrice(100)).toEqual([0, 1_010, 2_020]);
  });

  it("corrects a bucket, which doesn't overflow", async () => {
    // It lacks 79.1 tokens at 10, of which 40 come back at 20: 60 are there at 112.
    const sent = await askThrice(20, { rateLimit: BUCKET });
    expect(sent).toEqual([0, 10, 112]);
    // It lacks 99.1 of 90 at 10, so that 60 are there 768 ms later; then 129.1.
    const late = await askThrice(100, { rateLimit: BUCKET });
    expect(late).toEqual([0, 778, 1_889]);
    // After one token only the 10 ms are missing: it isn't more than full.
    const full = await askThrice(1, { rateLimit: BUCKET });
    expect(full).toEqual([0, 10, 20]);
  });

  it.each([true, false])("corrects a store, streaming %s", async (streams) => {
    const sent = await askThrice(20, { isStored: true, streams });
    expect(sent).toEqual([0, 10, 1_000]);
  });

  it("never counts for rates that count requests", async () => {
    const rateLimit: RateLimit = { ...WINDOW, limit: 2, counts: "calls" };
    expect(await askThrice(20, { rateLimit })).toEqual([0, 10, 1_000]);
    expect(await askThrice(100, { rateLimit })).toEqual([0, 10, 1_000]);
  });

  it("is read by `used`, and not at all where that is false", async () => {
    const none = await askThrice(20, { limits: { used: false } });
    expect(none).toEqual([0, 1_000, 2_000]);
    const output = await askThrice(61, {
      limits: { used: ({ output_tokens }) => output_tokens },
    });
    expect(output).toEqual([0, 10, 20]);
  });

  it("is not compared with a cost that is a number", async () => {
    const limits = { cost: 60 };
    expect(await askThrice(20, { limits })).toEqual([0, 1_000, 2_000]);
    const asks: ModelLimits = { cost: 60, used: (usage) => usage.total_tokens };
    expect(await askThrice(20, { limits: asks })).toEqual([0, 10, 1_000]);
  });

  it("costs no answer when `used` fails, and says so", async () => {
    const used = () => {
      throw new Error("no table");
    };
    expect(await askThrice(20, { limits: { used } })).toEqual([
      0, 1_000, 2_000,
    ]);
    expect(await askThrice(20, { limits: { used: () => NaN } })).toEqual([
      0, 1_000, 2_000,
    ]);
    const late = async () => {
      throw new Error("nobody waits for it");
    };
    expect(await askThrice(20, { limits: { used: late as never } })).toEqual([
      0, 1_000, 2_000,
    ]);
    expect(warn.mock.calls.flat()).toEqual([
      'parallel-tools-node: `limits.used` threw "no table", so what the request took stays taken.',
      "parallel-tools-node: `limits.used` returned a number where a number from 0 to 100000000 is due, so what the request took stays taken.",
      "parallel-tools-node: `limits.used` returned a promise where it has to give its value at once, so what the request took stays taken.",
    ]);
  });

  it.each([
    ["no count", { input_tokens: Number.NaN, output_tokens: 1 }],
    ["less than nothing", { input_tokens: -5, output_tokens: 30 }],
    ["nothing at all", { input_tokens: 0, output_tokens: 0 }],
    ["more than there can be", { input_tokens: 4e15, output_tokens: 1 }],
  ])("is not believed where it is %s", async (_, usage) => {
    const log: string[] = [];
    const model = new FakeModel(log);
    model.usage = { ...usage, total_tokens: 1 };
    const node = new ParallelToolNode([], {
      resources: { api: { rateLimit: WINDOW } },
    });
    const limited = limitModel(model, node);
    const asked = limited.batch([PROMPT, PROMPT]);
    await vi.runAllTimersAsync();
    await asked;
    expect(log.map((line) => line.split(" ")[0])).toEqual(["0", "1000"]);
  });

  it("gives nothing back for a stream that is left early", async () => {
    const log: string[] = [];
    const model = new FakeModel(log);
    model.usage = { input_tokens: 1, output_tokens: 1, total_tokens: 2 };
    model.tellsFirst = true;
    const node = new ParallelToolNode([], {
      resources: { api: { rateLimit: WINDOW } },
    });
    const limited = limitModel(model, node);
    const asked = (async () => {
      for (let time = 0; time < 2; time += 1) {
        for await (const _ of await limited.stream(PROMPT)) break;
      }
    })();
    await vi.runAllTimersAsync();
    await asked;
    expect(log.map((line) => line.split(" ")[0])).toEqual(["0", "1000"]);
  });

  it("refuses a `used` that is neither a function nor false", () => {
    const node = new ParallelToolNode([], { resources: { api: {} } });
    const used = true as never;
    expect(
      configurationProblem(() => limitModel(new FakeModel(), node, { used })),
    ).toContain("`limits.used`");
  });
});
