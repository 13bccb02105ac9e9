import { describe, expect, test, vi } from "vitest";
import { timedTool } from "../eager/support/timed-tools.js";
import { useFakeTimers } from "../eager/support/use-fake-timers.js";
import { silenceWarnings } from "../support/silence-warnings.js";
import {
  CODE_HOSTS,
  type Code,
  CodeAgent,
  problemOf,
} from "./support/code-agent.js";
import { play, READ_ONLY, playedIn } from "./support/play-code.js";

useFakeTimers();
silenceWarnings();

describe.each(CODE_HOSTS)("code in %s", (host) => {
  const played = playedIn(host);

  test.each<[string, Code, RegExp]>([
    ["returns", ({ look }) => void look!("a"), /nothing/],
    [
      "throws",
      ({ look }) => {
        void look!("a");
        throw new Error("wrong code");
      },
      /wrong code/,
    ],
  ])("its calls end when it %s", async (_, code, answer) => {
    let result = "none";
    const { answers, log, agent } = await played((api) =>
      code({
        look: (text) => {
          const run = api["look"]!(text);
          void problemOf(run).then((problem) => {
            result = problem;
          });
          return run.catch(() => "");
        },
      }),
    );
    expect(answers[0]).toMatch(answer);
    expect(log).toEqual(["0 look a starts", "0 look a throws"]);
    expect(result).toContain("the code ended before this call of `look` did");
    expect(agent.reportIn("run0").calls[0]!.outcome).toBe("aborted");
  });

  test("its calls end with the time of its call", async () => {
    const { answers, log } = await played(
      ({ look }) => problemOf(look!("a")),
      { look: READ_ONLY, run: { timeoutMs: 5 } },
      { options: {} },
    );
    expect(answers[0]).toContain("run did not finish within 0.005 s");
    expect(log).toEqual(["0 look a starts", "5 look a throws"]);
  });

  test("makes no call after its end, and never for ever", async () => {
    let calls = 0;
    const { log } = await played(({ look }) => {
      const again = (): void => {
        calls += 1;
        look!("late").catch(again);
      };
      again();
      return "done";
    });
    expect(calls).toBe(1_002);
    expect(log).toEqual(["0 look late starts", "0 look late throws"]);
  });

  test("is aborted with its run", async () => {
    const controller = new AbortController();
    const log: string[] = [];
    const agent = new CodeAgent(
      {
        host,
        codes: [({ look }) => look!("a")],
        tools: [timedTool("look", (line) => log.push(line), 50)],
        options: { policies: { look: READ_ONLY } },
      },
      { signal: controller.signal },
    );
    setTimeout(() => controller.abort(new Error("away")), 5);
    await expect(play(agent.answers())).rejects.toThrow(/away|Abort/);
    await vi.runAllTimersAsync();
    expect(log).toEqual(["look a starts", "look a throws"]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
