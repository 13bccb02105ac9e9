import type { ToolMessage } from "@langchain/core/messages";
import {
  type BatchReport,
  ParallelToolNode,
  type ParallelToolNodeOptions,
  type ToolPolicy,
} from "parallel-tools-node";
import { afterEach, beforeEach, expect, vi } from "vitest";
import { AttemptedTools, type Script } from "./attempted-tools.js";
import { answerLines, ask, callOf } from "./messages.js";

/** Of a tool that may be run twice, but whose equal calls are not one. */
export const REPEATABLE: ToolPolicy = { idempotent: true };

/** A node with the scripted tools `t` and `u`; only `t` has a policy. */
export function attemptedNode(
  script: Script,
  options: ParallelToolNodeOptions = {},
) {
  const stage = new AttemptedTools(script);
  const reports: BatchReport[] = [];
  const node = new ParallelToolNode(stage.tools("t", "u"), {
    policies: { t: {} },
    onReport: (report) => reports.push(report),
    ...options,
  });
  return { stage, node, reports };
}

/** As `attemptedNode`, and `t` may be run twice. */
export function repeatableNode(
  script: Script,
  options: ParallelToolNodeOptions = {},
) {
  return attemptedNode(script, { policies: { t: REPEATABLE }, ...options });
}

/** One message with calls of `t`. */
export function calls(...ids: string[]) {
  return [ask(...ids.map((id) => callOf(id, "t")))];
}

/** Runs until no timer is left. */
export async function finish<Value>(run: Promise<Value>): Promise<Value> {
  run.catch(() => {});
  await vi.runAllTimersAsync();
  return run;
}

/** Who was answered what, when no timer is left. */
export async function answersOf(run: Promise<ToolMessage[]>) {
  return answerLines(await finish(run));
}

/**
 * Each test of the file begins on 2026-01-01 at 0 ms, draws only zeros, and
 * leaves no timer.
 */
export function playTime(): void {
  beforeEach(() => {
    vi.useFakeTimers({
      toFake: ["performance", "setTimeout", "clearTimeout", "Date"],
      now: Date.UTC(2026, 0, 1),
    });
    vi.spyOn(Math, "random").mockReturnValue(0);
  });

  afterEach(() => {
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
    vi.restoreAllMocks();
  });
}
