import { ToolMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { Command } from "@langchain/langgraph";
import { ToolNode as StockToolNode } from "@langchain/langgraph/prebuilt";
import { fc, test as property } from "@fast-check/vitest";
import { ParallelToolNode } from "parallel-tools-node";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { outputCut } from "@/answers/tool-output.js";
import {
  findsCutOutput,
  unresolvedReference,
} from "@/answers/unresolved-reference.js";
import { UnresolvedReferenceError } from "@/errors/unresolved-reference-error.js";
import { ask, callOf } from "../support/messages.js";

function giving(output: unknown, options: object = {}) {
  return tool(() => output as string, {
    name: "give",
    description: "Gives what the test wants.",
    schema: z.looseObject({}),
    ...options,
  });
}

async function answerOf(
  output: unknown,
  maxOutputBytes: number | undefined,
  options: object = {},
): Promise<ToolMessage> {
  const limit = maxOutputBytes === undefined ? {} : { maxOutputBytes };
  const node = new ParallelToolNode([giving(output, options)], limit);
  const answers: ToolMessage[] = await node.invoke([ask(callOf("a", "give"))]);
  return answers[0] as ToolMessage;
}

const note = (omitted: number, total: number) => outputCut(omitted, total);

describe("maxOutputBytes", () => {
  it("cuts a text, and says how much and what to do", async () => {
    const { content } = await answerOf("abcdefghij", 4);
    expect(content).toBe(`abcd\n${note(6, 10)}`);
  });

  it("leaves alone what is small enough, and all without it", async () => {
    expect((await answerOf("abcd", 4)).content).toBe("abcd");
    const long = "x".repeat(1_000_000);
    expect((await answerOf(long, undefined)).content).toBe(long);
  });

  it("does not cut through a character", async () => {
    // Four bytes each.
    expect((await answerOf("🙂🙂", 6)).content).toBe(`🙂\n${note(4, 8)}`);
    expect((await answerOf("ää", 1)).content).toBe(`\n${note(4, 4)}`);
  });

  it("cuts text blocks, and leaves out others that do not fit", async () => {
    const image = { type: "image_url", image_url: { url: "x".repeat(50) } };
    const blocks = [
      { type: "text", text: "abc" },
      image,
      { type: "text", text: "defgh" },
      { type: "text", text: "never seen" },
    ];
    const { content } = await answerOf(blocks, 6);
    const bytes = JSON.stringify(image).length;
    expect(content).toEqual([
      { type: "text", text: "abc" },
      { type: "text", text: "def" },
      { type: "text", text: note(12 + bytes, 18 + bytes) },
    ]);
  });

  it("keeps blocks that fit together", async () => {
    const blocks = [
      { type: "text", text: "abc" },
      { type: "text", text: "def" },
    ];
    expect((await answerOf(blocks, 6)).content).toEqual(blocks);
  });

  it("keeps the artifact, the status and the ids", async () => {
    const artifact = { rows: "x".repeat(100) };
    const answer = await answerOf(["abcdefghij", artifact], 4, {
      responseFormat: "content_and_artifact",
    });
    expect(answer).toMatchObject({
      content: `abcd\n${note(6, 10)}`,
      artifact,
      status: "success",
      name: "give",
      tool_call_id: "a",
      response_metadata: { "parallel-tools-node": { omittedBytes: 6 } },
    });
  });

  it("cuts errors, too", async () => {
    const node = new ParallelToolNode(
      [
        tool(
          () => {
            throw new Error("x".repeat(100));
          },
          { name: "give", description: "", schema: z.looseObject({}) },
        ),
      ],
      { maxOutputBytes: 10 },
    );
    const [answer] = (await node.invoke([
      ask(callOf("a", "give")),
    ])) as ToolMessage[];
    expect(answer).toMatchObject({
      status: "error",
      content: `Error: xxx\n${note(124, 134)}`,
    });
  });

  it("leaves a Command as it is", async () => {
    const message = new ToolMessage({
      content: "abcdefghij",
      tool_call_id: "a",
    });
    const command = new Command({ update: { messages: [message] } });
    const node = new ParallelToolNode([giving(command)], { maxOutputBytes: 4 });
    const [answer]: unknown[] = await node.invoke([ask(callOf("a", "give"))]);
    expect(answer).toBe(command);
  });

  it("does not cut what a reference stands for", async () => {
    const seen: unknown[] = [];
    const use = tool(
      ({ value }: { value: string }) => {
        seen.push(value);
        return "used";
      },
      { name: "use", description: "", schema: z.object({ value: z.string() }) },
    );
    const node = new ParallelToolNode([giving("abcdefghij"), use], {
      references: true,
      maxOutputBytes: 4,
    });
    const answers = (await node.invoke([
      ask(callOf("a", "give"), callOf("b", "use", { value: "$1" })),
    ])) as ToolMessage[];
    expect(seen).toEqual(["abcdefghij"]);
    expect(answers[0]?.content).toBe(`abcd\n${note(6, 10)}`);
  });

  it("makes a reference to what was cut in an earlier step an error", async () => {
    const give = giving("abcdefghij");
    const use = giving("used", { name: "use" });
    const node = new ParallelToolNode([give, use], {
      references: true,
      maxOutputBytes: 4,
    });
    const message = ask(
      callOf("a", "give"),
      callOf("b", "use", { value: "$1" }),
    );
    const [cut] = (await node.invoke([message])) as ToolMessage[];
    const later = new ParallelToolNode([give, use], { references: true });
    const [answer] = (await later.invoke([
      message,
      cut as ToolMessage,
    ])) as ToolMessage[];
    const { problem, advice } = findsCutOutput(1);
    const error = new UnresolvedReferenceError("$1", problem, [], advice);
    expect(answer?.content).toBe(unresolvedReference(error));
  });

  property.prop([
    fc.string({ unit: "grapheme", maxLength: 200 }),
    fc.integer({ min: 1, max: 300 }),
  ])("keeps a beginning of the text, within its bytes", async (text, max) => {
    const answer = await answerOf(text, max);
    const bytes = Buffer.byteLength(text);
    if (bytes <= max) {
      expect(answer.content).toBe(text);
      return;
    }
    const content = answer.content as string;
    const kept = content.slice(0, content.lastIndexOf("\n["));
    expect(text.startsWith(kept)).toBe(true);
    const keptBytes = Buffer.byteLength(kept);
    expect(keptBytes).toBeLessThanOrEqual(max);
    expect(keptBytes).toBeGreaterThan(max - 4);
    expect(content).toBe(`${kept}\n${note(bytes - keptBytes, bytes)}`);
  });
});

describe("a result that JSON can't hold", () => {
  const circular: Record<string, unknown> = {};
  circular["self"] = circular;

  it.each([
    ["is circular", circular],
    ["holds a bigint", { id: 1n }],
    ["is a bigint", 1n],
    ["throws when it is read", { toJSON: () => raise() }],
  ])("that %s is answered as the stock node answers", async (_, output) => {
    const message = ask(callOf("a", "give"), callOf("b", "ok"));
    const tools = [giving(output), giving("fine", { name: "ok" })];
    const ours = await new ParallelToolNode(tools).invoke([message]);
    const theirs = await new StockToolNode(tools).invoke([message]);
    const plain = (answers: ToolMessage[]) =>
      answers.map(({ content, status }) => ({ content, status }));
    expect(plain(ours)).toEqual(plain(theirs));
    expect(plain(ours)[1]?.content).toBe("fine");
  });

  it.each([
    ["is circular", circular, /^Error: .*circular/],
    ["holds a bigint", { id: 1n }, /^Error: .*BigInt/],
  ])(
    "of a tool that is no LangChain tool and %s is an error for the model",
    async (_, output, problem) => {
      const plainTool = {
        name: "give",
        invoke: async () => output,
      } as unknown as ReturnType<typeof giving>;
      const node = new ParallelToolNode([plainTool], { maxOutputBytes: 4_000 });
      const [answer] = (await node.invoke([
        ask(callOf("a", "give")),
      ])) as ToolMessage[];
      expect(answer?.status).toBe("error");
      expect(answer?.content).toMatch(problem);
    },
  );
});

function raise(): never {
  throw new Error("not to be read");
}
