import { limitModel } from "parallel-tools-node";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeModel } from "./support/fake-model.js";
import { nodeWith } from "./support/node-with.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** When each of three requests was sent, the next when the one before was answered. */
async function askThrice(
  headers: Readonly<Record<string, string>>,
  streams = false,
): Promise<string[]> {
  const log: string[] = [];
  const model = new FakeModel(log);
  model.headers = headers;
  const limited = limitModel(model, nodeWith({ api: {} }));
  const asked = (async () => {
    for (const name of ["a", "b", "c"]) {
      if (streams) for await (const _ of await limited.stream(name));
      else await limited.invoke(name);
    }
  })();
  await vi.runAllTimersAsync();
  await asked;
  return log;
}

describe("headers of answers", () => {
  const nothingLeft = {
    "x-ratelimit-remaining-requests": "0",
    "x-ratelimit-reset-requests": "2s",
  };

  it.each([false, true])(
    "hold the next request up when nothing remains, streaming %s",
    async (streams) => {
      expect(await askThrice(nothingLeft, streams)).toEqual([
        "0 a",
        "2010 b",
        "4020 c",
      ]);
    },
  );

  it("hold nothing up while something remains", async () => {
    const some = { ...nothingLeft, "x-ratelimit-remaining-requests": "3" };
    expect(await askThrice(some)).toEqual(["0 a", "10 b", "20 c"]);
  });

  it("are hostile: what they can't mean is not read", async () => {
    const wrong = { ...nothingLeft, "x-ratelimit-reset-requests": "-5 ages" };
    expect(await askThrice(wrong)).toEqual(["0 a", "10 b", "20 c"]);
    const odd = new Proxy<Record<string, string>>({}, { get: () => "0" });
    expect(await askThrice(odd)).toEqual(["0 a", "10 b", "20 c"]);
  });
});
