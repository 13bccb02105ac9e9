import { type BatchReport, ParallelToolNode } from "parallel-tools-node";
import { beforeEach, expect, it } from "vitest";
import { tooManyCalls } from "@/answers/not-run.js";
import { ask, callOf } from "../support/messages.js";
import { Stage } from "../support/stage.js";

let reports: BatchReport[] = [];
beforeEach(() => {
  reports = [];
});

/** What `Send` carries for the call at `index` of a message with three. */
function sent(index: number) {
  const calls = ["a", "b", "c"].map((id) => callOf(id, "t"));
  return { messages: [ask(...calls)], lg_tool_call: calls[index] };
}

it("a call that is sent on its own keeps its place in the message", async () => {
  const stage = new Stage();
  const node = new ParallelToolNode(stage.tools("t"), {
    onReport: (report) => reports.push(report),
  });
  await stage.finish("c");
  await node.invoke(sent(2));
  expect(reports[0]?.calls).toMatchObject([{ index: 2, ordinal: 3, id: "c" }]);
});

it("a call without a message that made it counts as the first", async () => {
  const stage = new Stage();
  const node = new ParallelToolNode(stage.tools("t"), {
    onReport: (report) => reports.push(report),
  });
  await stage.finish("c");
  await node.invoke({ ...sent(2), messages: "none" });
  expect(reports[0]?.calls).toMatchObject([{ index: 0, ordinal: 1, id: "c" }]);
});

it("maxCalls holds for calls that are sent one by one", async () => {
  const stage = new Stage();
  const node = new ParallelToolNode(stage.tools("t"), { maxCalls: 2 });
  await stage.finish("b");
  const contents = await Promise.all(
    [1, 2].map(async (index) => {
      const { messages } = await node.invoke(sent(index));
      return messages[0].content;
    }),
  );
  expect(contents[1]).toBe(tooManyCalls(3, 2));
  expect(stage.log).toEqual(["b start", "b end"]);
});
