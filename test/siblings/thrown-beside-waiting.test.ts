import {
  MessagesAnnotation,
  Send,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { ParallelToolNode } from "parallel-tools-node";
import { expect, it } from "vitest";
import { AGENT_HOSTS, GO, hostAgent } from "../support/agent-hosts.js";
import { untilStill } from "../support/kid-agent.js";
import { LoggedModel } from "../support/logged-model.js";
import { ask, callOf } from "../support/messages.js";
import { Stage } from "../support/stage.js";

it.each(AGENT_HOSTS)(
  "in %s a call that waits for a slot is not started when one beside it is thrown",
  async (host) => {
    const stage = new Stage();
    const calls = ["1", "2", "3"].map((id) => callOf(id, "search"));
    const agent = hostAgent(
      host,
      new LoggedModel("lead", [calls], stage.log),
      stage.tools("search"),
      { handleToolErrors: false, policies: { search: { concurrency: 1 } } },
    );
    const run = agent.invoke(GO).catch((error: unknown) => error);
    await untilStill();
    await stage.fail("1");
    await untilStill();
    expect(await run).toMatchObject({ message: "1 broke" });
    expect(stage.log).toEqual(["lead model 1", "1 start", "1 fail"]);
  },
);

it("a call that waits for a slot is started when the graph runs the one that threw again", async () => {
  const stage = new Stage();
  const calls = ["1", "2"].map((id) => callOf(id, "search"));
  const messages = [ask(...calls)];
  const node = new ParallelToolNode(stage.tools("search"), {
    handleToolErrors: false,
    policies: { search: { concurrency: 1 } },
  });
  const retryPolicy = {
    maxAttempts: 2,
    initialInterval: 1,
    jitter: false,
    retryOn: () => {
      void stage.finish("2");
      return true;
    },
  };
  const graph = new StateGraph(MessagesAnnotation)
    .addNode("tools", node, { retryPolicy })
    .addConditionalEdges(START, () =>
      calls.map((call) => new Send("tools", { messages, lg_tool_call: call })),
    )
    .compile();
  const run = graph.invoke({ messages }).catch((error: unknown) => error);
  await untilStill();
  await stage.fail("1");
  expect(await run).toMatchObject({ message: "1 broke" });
  expect(stage.log).toContain("2 end");
});
