import { BaseTracer, type Run } from "@langchain/core/tracers/base";
import { RunnableLambda } from "@langchain/core/runnables";
import { describe, expect, test } from "vitest";
import { EAGER_HOSTS } from "./support/hosts.js";
import { play } from "./support/play.js";
import { sleep } from "./support/sleep.js";
import { timedTool } from "./support/timed-tools.js";
import { useFakeTimers } from "./support/use-fake-timers.js";
import { writeTurn } from "./support/write-turn.js";

useFakeTimers();

/** A tracer as LangSmith's: it keeps a run when that has ended. */
class Tracer extends BaseTracer {
  readonly name = "test_tracer";
  readonly ended: Run[] = [];

  protected persistRun(): Promise<void> {
    return Promise.resolve();
  }

  override onRunUpdate(run: Run): void {
    this.ended.push(run);
  }
}

describe.each(EAGER_HOSTS)("a tracer in %s", (host) => {
  test("is told when early calls, and what runs inside, really ran", async () => {
    const tracer = new Tracer();
    const beganAt = Date.now();
    const inner = RunnableLambda.from(async () => {
      await sleep(5);
      return "x";
    }).withConfig({ runName: "inner" });
    await play(
      host,
      {
        turns: [
          writeTurn(
            ["a", "b", "c"].map((id) => ({
              id,
              name: "look",
              args: { text: id },
            })),
          ),
        ],
        tools: (log) => [
          timedTool("look", log, 5, (runtime) => inner.invoke("", runtime)),
        ],
        options: { policies: { look: { readOnly: true } } },
        config: { callbacks: [tracer] },
      },
      true,
    );
    const times = (name: string) =>
      tracer.ended
        .filter((run) => run.name === name)
        .map((run) => {
          const parent = tracer.ended.find(
            ({ id }) => id === run.parent_run_id,
          );
          const ms = (at: number | undefined) => (at ?? 0) - beganAt;
          return `${ms(run.start_time)} ${ms(run.end_time)} in ${parent?.name}`;
        })
        .sort();
    expect(times("look").map((line) => line.split(" in ")[0])).toEqual([
      "25 35",
      "35 45",
      "50 60",
    ]);
    expect(times("inner")).toEqual([
      "30 35 in look",
      "40 45 in look",
      "55 60 in look",
    ]);
  });
});
