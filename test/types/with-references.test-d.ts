import type {
  BaseChatModel,
  BindToolsInput,
} from "@langchain/core/language_models/chat_models";
import type { StructuredToolInterface } from "@langchain/core/tools";
import { createReactAgent } from "@langchain/langgraph/prebuilt";
import type { ChatOpenAI } from "@langchain/openai";
import {
  ParallelToolNode,
  type ParallelToolNodeOptions,
} from "parallel-tools-node";
import { describe, expectTypeOf, it } from "vitest";
import {
  type ReferenceInstructionsOptions,
  referenceInstructions,
} from "@/references/reference-instructions.js";
import { withReferences } from "@/references/with-references.js";

declare const tools: StructuredToolInterface[];
declare const node: ParallelToolNode;
declare const model: ChatOpenAI;
declare const anyModel: BaseChatModel;
declare const options: ParallelToolNodeOptions;

describe("withReferences()", () => {
  it("gives what any model's bindTools takes", () => {
    expectTypeOf(withReferences(tools)).toEqualTypeOf<BindToolsInput[]>();
    model.bindTools(withReferences(tools), { strict: true });
    anyModel.bindTools?.(withReferences(tools));
    createReactAgent({
      llm: () => model.bindTools(withReferences(tools)),
      tools: new ParallelToolNode(tools),
    });
  });

  it("takes tools, a node's tools, definitions and what providers run", () => {
    withReferences(node.tools);
    withReferences([{ type: "web_search_preview" }]);
    withReferences([
      { type: "function", function: { name: "a", parameters: {} } },
    ]);
    const frozen: readonly StructuredToolInterface[] = tools;
    withReferences(frozen);
  });

  it("takes the node's options", () => {
    withReferences(tools, options);
    withReferences(tools, {
      policies: { pay: { references: false, concurrency: 1 } },
      defaultPolicy: { references: true },
    });
    // @ts-expect-error -- not an option of policies
    withReferences(tools, { references: true });
    // @ts-expect-error -- a boolean
    withReferences(tools, { policies: { pay: { references: "no" } } });
  });

  it("takes no single tool", () => {
    // @ts-expect-error -- an array
    withReferences(tools[0]);
  });
});

describe("referenceInstructions()", () => {
  it("gives a text", () => {
    expectTypeOf(referenceInstructions({ tools })).toEqualTypeOf<string>();
    referenceInstructions({ tools: node.tools, embedded: true });
    referenceInstructions({ tools: withReferences(tools) });
    referenceInstructions({ ...options, tools });
  });

  it("has these options", () => {
    expectTypeOf<keyof ReferenceInstructionsOptions>().toEqualTypeOf<
      "tools" | "embedded" | "policies" | "defaultPolicy"
    >();
    // @ts-expect-error -- tools are needed
    referenceInstructions({});
    // @ts-expect-error -- a boolean
    referenceInstructions({ tools, embedded: "yes" });
  });
});
