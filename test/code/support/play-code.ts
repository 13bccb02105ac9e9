import type { ParallelToolNodeOptions, ToolPolicy } from "parallel-tools-node";
import { expect, vi } from "vitest";
import { timedTool } from "../../eager/support/timed-tools.js";
import {
  type Code,
  CodeAgent,
  type CodeHost,
  type CodeSetup,
} from "./code-agent.js";

export const READ_ONLY = { readOnly: true } as const;

/** Plays until nothing is left to do. */
export async function play<Value>(run: Promise<Value>): Promise<Value> {
  let isDone = false;
  void run.then(
    () => (isDone = true),
    () => (isDone = true),
  );
  while (!isDone) await vi.advanceTimersToNextTimerAsync();
  return run;
}

/** Code that calls a tool for each of these texts at once. */
export function all(name: string, ...texts: string[]): Code {
  return (api) => Promise.all(texts.map((text) => api[name]!(text)));
}

/** Plays codes of one message, with the tools `look` and `save`, which take 10 ms. */
export type Played = (
  code: Code | readonly Code[],
  policies?: Record<string, ToolPolicy>,
  more?: Partial<CodeSetup>,
) => Promise<{
  readonly log: readonly string[];
  readonly answers: readonly string[];
  readonly agent: CodeAgent;
}>;

export function playedIn(host: CodeHost): Played {
  return async (
    code,
    policies = { look: READ_ONLY, save: { callers: ["model", "code"] } },
    more = {},
  ) => {
    const log: string[] = [];
    const beganAt = performance.now();
    const note = (line: string) =>
      log.push(`${Math.round(performance.now() - beganAt)} ${line}`);
    const codes = [code].flat();
    const tools = more.tools ?? [
      timedTool("look", note, 10),
      timedTool("save", note, 10),
    ];
    const options: ParallelToolNodeOptions = { policies, ...more.options };
    const agent = new CodeAgent({ host, codes, ...more, tools, options });
    const answers = await play(agent.answers());
    // What goes on beyond the time of its call ends in this instant.
    await vi.advanceTimersByTimeAsync(1);
    expect(vi.getTimerCount()).toBe(0);
    return { log, answers, agent };
  };
}
