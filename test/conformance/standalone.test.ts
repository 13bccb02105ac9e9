import { ToolNode } from "@langchain/langgraph/prebuilt";
import fc from "fast-check";
import { ParallelToolNode } from "parallel-tools-node";
import { expect, it } from "vitest";
import {
  messagesOf,
  type NodeInput,
  nodeInputs,
  toolCalls,
} from "../support/arbitrary-node-input.js";
import { observe } from "../support/observe-node.js";
import { scriptedTools } from "../support/scripted-tools.js";

type Node = typeof ToolNode | typeof ParallelToolNode;

function observeInvoke(
  Node: Node,
  input: NodeInput,
  form: (input: NodeInput) => unknown,
) {
  const { handleToolErrors, specs } = input;
  const tools = scriptedTools(specs.map(({ step }) => step));
  const node = new Node(tools, { handleToolErrors });
  return observe(() => node.invoke(form(input)));
}

function expectSame(form: (input: NodeInput) => unknown, numRuns: number) {
  return fc.assert(
    fc.asyncProperty(nodeInputs({ canAsk: false }), async (input) => {
      const [stock, ours] = await Promise.all([
        observeInvoke(ToolNode, input, form),
        observeInvoke(ParallelToolNode, input, form),
      ]);
      expect(ours).toStrictEqual(stock);
    }),
    { numRuns },
  );
}

it("the node answers an array of messages as the stock node does", async () => {
  await expectSame(messagesOf, 1_000);
}, 30_000);

it("the node answers a state with other keys as the stock node does", async () => {
  await expectSame(
    (input) => ({ messages: messagesOf(input), user: "u", count: 3 }),
    300,
  );
}, 30_000);

it("the node answers a call sent with Send as the stock node does", async () => {
  await fc.assert(
    fc.asyncProperty(
      nodeInputs({ canAsk: false }),
      fc.nat(5),
      async (input, at) => {
        const calls = toolCalls(input);
        fc.pre(calls.length > 0);
        const form = () => ({
          lg_tool_call: calls[at % calls.length],
          messages: messagesOf(input),
          user: "u",
        });
        const [stock, ours] = await Promise.all([
          observeInvoke(ToolNode, input, form),
          observeInvoke(ParallelToolNode, input, form),
        ]);
        expect(ours).toStrictEqual(stock);
      },
    ),
    { numRuns: 300 },
  );
}, 30_000);

it("the node returns messages that are equal in every field of their own", async () => {
  await fc.assert(
    fc.asyncProperty(nodeInputs({ canAsk: false }), async (input) => {
      const outputs = [];
      for (const Node of [ToolNode, ParallelToolNode]) {
        const tools = scriptedTools(input.specs.map(({ step }) => step));
        const { handleToolErrors } = input;
        const node = new Node(tools, { handleToolErrors });
        const messages = messagesOf(input);
        outputs.push(await node.invoke(messages).catch(() => "threw"));
      }
      expect(outputs[1]).toStrictEqual(outputs[0]);
    }),
    { numRuns: 200 },
  );
}, 30_000);
