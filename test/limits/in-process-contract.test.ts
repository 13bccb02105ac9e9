import { afterEach, beforeEach, describe, vi } from "vitest";
import { inProcessLimits } from "@/limits/in-process-limits.js";
import { describeContract } from "../redis/support/limits-contract.js";

describe("on a clock that jumps to the next timer,", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout"] });
    vi.setTimerTickMode("nextTimerAsync");
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  describeContract("limits in the process", inProcessLimits);
});
