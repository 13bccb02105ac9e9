import path from "node:path";
import { fileURLToPath } from "node:url";
import { ParallelToolNode, type ToolPolicy } from "parallel-tools-node";
import { describe, expect, it, vi } from "vitest";
import { readFeedback } from "@/limits/feedback/read-feedback.js";
import { AttemptedTools } from "../support/attempted-tools.js";
import { calls, finish } from "../support/attempted-node.js";
import { API_SIGNALS } from "./support/throttle-signals/api-signals.js";
import { HTTP_SIGNALS } from "./support/throttle-signals/http-signals.js";
import { MODEL_SIGNALS } from "./support/throttle-signals/model-signals.js";
import { signalPage } from "./support/throttle-signals/signal-page.js";
import { WIRE_SIGNALS } from "./support/throttle-signals/wire-signals.js";

const SIGNALS = [
  ...HTTP_SIGNALS,
  ...MODEL_SIGNALS,
  ...API_SIGNALS,
  ...WIRE_SIGNALS,
];

/** When a call was started that once threw this, in milliseconds. */
async function startsAfter(
  error: unknown,
  policy: ToolPolicy,
): Promise<number[]> {
  vi.useFakeTimers({
    toFake: ["performance", "setTimeout", "clearTimeout", "Date"],
    now: Date.UTC(2026, 0, 27, 10),
  });
  vi.spyOn(Math, "random").mockReturnValue(0);
  vi.spyOn(console, "warn").mockReturnValue();
  try {
    const stage = new AttemptedTools({ a: [{ throws: error }, {}] });
    const node = new ParallelToolNode(stage.tools("t"), {
      policies: { t: policy },
    });
    await finish(node.invoke(calls("a")));
    return stage.starts.map((line) => Number(line.split(" ")[1]));
  } finally {
    vi.useRealTimers();
    vi.restoreAllMocks();
  }
}

describe("a server that takes no call now", () => {
  it.each(SIGNALS)("$signal: $client", async (row) => {
    const error = await row.thrown();
    const said = readFeedback(error, Date.UTC(2026, 0, 27, 10));
    const { limited = false, retryAfterMs, resetMs } = said ?? {};
    expect({ limited, waitMs: retryAfterMs ?? resetMs }).toEqual({
      limited: row.heard,
      waitMs: row.wait?.[1],
    });
    expect(await startsAfter(error, {})).toEqual([0]);
    const [, again] = await startsAfter(error, {
      readOnly: true,
      dedupe: false,
    });
    expect(again !== undefined).toBe(row.runsAgain);
    expect(again).toBe(row.wait?.[1] ?? again);
  });
});

it("is documented signal by signal", async () => {
  const page = path.resolve(
    path.dirname(fileURLToPath(import.meta.url)),
    "../../docs/throttle-signals.md",
  );
  await expect(
    signalPage(SIGNALS),
    "docs/throttle-signals.md is out of date: run `npm test -- test/integration/throttle-signals.test.ts -u`",
  ).toMatchFileSnapshot(page);
});
