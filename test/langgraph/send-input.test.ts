import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import { getCurrentTaskInput } from "@langchain/langgraph";
import { createReactAgent, ToolNode } from "@langchain/langgraph/prebuilt";
import { tool } from "@langchain/core/tools";
import { createAgent, createMiddleware, FakeToolCallingModel } from "langchain";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  isSendInput,
  readSendInput,
  sendInputOf,
} from "@/langgraph/send-input.js";

const CALLS = ["a", "b"].map((id) => ({ id, name: "look", args: {} }));

const look = tool(() => "seen", {
  name: "look",
  description: "Looks.",
  schema: z.object({}),
});

const model = () => new FakeToolCallingModel({ toolCalls: [CALLS, []] });
const input = { messages: [{ role: "user", content: "Go." }] };

/** The ids of the calls that nodes were sent, and the messages beside them. */
function readSent(inputs: readonly unknown[]) {
  return inputs.filter(isSendInput).map((sent) => {
    const { toolCall, state } = readSendInput(sent);
    expect(sendInputOf(toolCall, state)).toEqual(sent);
    const { messages } = state as { messages: readonly unknown[] };
    return [toolCall.id, messages.length];
  });
}

/** Fails when LangGraph's or LangChain's agents send something else. */
describe("the input that Send carries to a node for tools", () => {
  const sent = [
    ["a", 2],
    ["b", 2],
  ];

  it("holds the call and the state in createReactAgent v2", async () => {
    const inputs: unknown[] = [];
    class WatchedNode extends ToolNode {
      protected override run(given: unknown, config: LangGraphRunnableConfig) {
        inputs.push(given);
        return super.run(given, config);
      }
    }
    const tools = new WatchedNode([look]);
    await createReactAgent({ llm: model(), tools, version: "v2" }).invoke(
      input,
    );
    expect(inputs).toHaveLength(2);
    expect(readSent(inputs)).toEqual(sent);
  });

  it("holds the call and the state in createAgent v2", async () => {
    const inputs: unknown[] = [];
    const middleware = createMiddleware({
      name: "watch",
      wrapToolCall: (request, handler) => {
        inputs.push(getCurrentTaskInput());
        return handler(request);
      },
    });
    const agent = createAgent({
      model: model(),
      tools: [look],
      middleware: [middleware],
      version: "v2",
    });
    await agent.invoke(input);
    expect(inputs).toHaveLength(2);
    expect(readSent(inputs)).toEqual(sent);
  });
});
