import { tool } from "@langchain/core/tools";
import fc from "fast-check";
import { ParallelToolNode } from "parallel-tools-node";
import { expect, it } from "vitest";
import { waitedForFailed } from "@/answers/not-run.js";
import { answerLines, ask, callOf } from "../support/messages.js";
import { Stage } from "../support/stage.js";

it("answers stand in the order of the calls, whoever ends first", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }).chain((succeeds) =>
        fc.record({
          succeeds: fc.constant(succeeds),
          endOrder: fc.shuffledSubarray(
            succeeds.map((_, i) => i),
            { minLength: succeeds.length },
          ),
          concurrency: fc.option(fc.integer({ min: 1, max: 3 })),
        }),
      ),
      async ({ succeeds, endOrder, concurrency }) => {
        const stage = new Stage();
        const node = new ParallelToolNode(stage.tools("t"), {
          ...(concurrency !== null && { maxConcurrency: concurrency }),
        });
        const calls = succeeds.map((_, i) => callOf(`${i}`, "t"));
        const run = node.invoke([ask(...calls)]);
        for (const i of endOrder) {
          if (succeeds[i]) await stage.finish(`${i}`);
          else await stage.fail(`${i}`);
        }
        expect(answerLines(await run)).toEqual(
          succeeds.map((ok, i) =>
            ok
              ? `${i} ok: ${i} result`
              : `${i} error: Error: ${i} broke\n Please fix your mistakes.`,
          ),
        );
      },
    ),
    { numRuns: 200 },
  );
}, 30_000);

it("answered calls keep their places, so ordinals are the message's own", async () => {
  const stage = new Stage();
  const node = new ParallelToolNode(stage.tools("t", "late"), {
    policies: { late: { after: ["t"] } },
  });
  const message = ask(
    callOf("done", "t"),
    callOf("x", "late"),
    callOf("y", "t"),
  );
  await stage.finish("done");
  const [answer] = await node.invoke([ask(callOf("done", "t"))]);
  await stage.fail("y");
  const answers = answerLines(await node.invoke([message, answer]));
  expect(answers).toEqual([
    `x error: ${waitedForFailed({ ordinal: 3, name: "t" })}`,
    "y error: Error: y broke\n Please fix your mistakes.",
  ]);
});

it("calls with no policy all start before the first one ends", async () => {
  const stage = new Stage();
  const node = new ParallelToolNode(stage.tools("t"));
  for (const id of ["a", "b", "c"]) await stage.finish(id);
  await node.invoke([ask(...["a", "b", "c"].map((id) => callOf(id, "t")))]);
  expect(stage.log).toEqual([
    "a start",
    "b start",
    "c start",
    "a end",
    "b end",
    "c end",
  ]);
});

it("calls start in the turn in which the node is invoked", async () => {
  const log: string[] = [];
  const eager = tool(
    () => {
      log.push("ran");
      return "ok";
    },
    { name: "eager", description: "Runs.", schema: { type: "object" } },
  );
  class Watched extends ParallelToolNode {
    protected override runTool(
      ...args: Parameters<ParallelToolNode["runTool"]>
    ) {
      log.push("start");
      return super.runTool(...args);
    }
  }
  const run = new Watched([eager], { maxConcurrency: 1 }).invoke([
    ask(callOf("a", "eager"), callOf("b", "eager")),
  ]);
  log.push("invoked");
  await run;
  expect(log).toEqual(["start", "invoked", "ran", "start", "ran"]);
});
