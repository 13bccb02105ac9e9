import {
  AIMessage,
  AIMessageChunk,
  type BaseMessage,
  HumanMessage,
  mapChatMessagesToStoredMessages,
  SystemMessage,
  ToolMessage,
} from "@langchain/core/messages";
import { describe, expect, test } from "vitest";
import { diagnose } from "parallel-tools-node/diagnose";

/** A text, or the calls of one turn with their outputs. */
type Said =
  | { readonly by: "system" | "user" | "model"; readonly text: string }
  | { readonly calls: readonly Called[] };

interface Called {
  readonly id: string;
  readonly name: string;
  readonly args: Record<string, unknown>;
  readonly output: string;
}

const call = (id: string, name: string, key: string, output: string) => {
  return { id, name, args: { key }, output };
};

const script: readonly Said[] = [
  { by: "system", text: "Be brief." },
  { by: "user", text: "Look at my things." },
  { calls: [call("c1", "list", "all", '{"keys":["KEY-01","KEY-02"]}')] },
  { calls: [call("c2", "get", "KEY-01", "one")] },
  { calls: [call("c3", "get", "KEY-02", "two")] },
  {
    calls: [
      call("c4", "get", "KEY-01 KEY-02", "both"),
      call("c5", "list", "KEY-02", "none"),
    ],
  },
  { by: "model", text: "That is all." },
];

const openAi = script.flatMap((said): object[] =>
  "by" in said
    ? [
        {
          role: said.by === "model" ? "assistant" : said.by,
          content: said.text,
        },
      ]
    : [
        {
          role: "assistant",
          content: null,
          tool_calls: said.calls.map(({ id, name, args }) => ({
            id,
            type: "function",
            function: { name, arguments: JSON.stringify(args) },
          })),
        },
        ...said.calls.map(({ id, output }) => ({
          role: "tool",
          tool_call_id: id,
          content: output,
        })),
      ],
);

const responses = script.flatMap((said): object[] =>
  "by" in said
    ? [
        {
          type: "message",
          role: said.by === "model" ? "assistant" : said.by,
          content: [{ type: "input_text", text: said.text }],
        },
      ]
    : [
        { type: "reasoning", summary: [{ type: "summary_text", text: "Hm." }] },
        ...said.calls.map(({ id, name, args }) => ({
          type: "function_call",
          call_id: id,
          id: `fc_${id}`,
          name,
          arguments: JSON.stringify(args),
        })),
        ...said.calls.map(({ id, output }) => ({
          type: "function_call_output",
          call_id: id,
          output,
        })),
      ],
);

const anthropic = script.flatMap((said): object[] =>
  "by" in said
    ? said.by === "system"
      ? []
      : [
          {
            role: said.by === "model" ? "assistant" : "user",
            content: said.text,
          },
        ]
    : [
        {
          role: "assistant",
          content: [
            { type: "thinking", thinking: "Hm." },
            { type: "text", text: "Let me see." },
            ...said.calls.map(({ id, name, args }) => ({
              type: "tool_use",
              id,
              name,
              input: args,
            })),
          ],
        },
        {
          role: "user",
          content: said.calls.map(({ id, output }) => ({
            type: "tool_result",
            tool_use_id: id,
            content: [{ type: "text", text: output }],
          })),
        },
      ],
);

const langchain = script.flatMap((said): BaseMessage[] => {
  if ("by" in said) {
    if (said.by === "system") return [new SystemMessage(said.text)];
    if (said.by === "user") return [new HumanMessage(said.text)];
    return [new AIMessageChunk(said.text)];
  }
  return [
    new AIMessage({
      content: "",
      tool_calls: said.calls.map(({ id, name, args }) => {
        return { id, name, args, type: "tool_call" as const };
      }),
    }),
    ...said.calls.map(
      ({ id, output }) =>
        new ToolMessage({ content: output, tool_call_id: id }),
    ),
  ];
});

const json = (value: unknown): object =>
  JSON.parse(JSON.stringify(value)) as object;

const formats: [string, object][] = [
  ["OpenAI chat messages", openAi],
  ["a request to OpenAI's chat API", { model: "m", messages: openAi }],
  [
    "a request and its answer",
    {
      request: { messages: openAi.slice(0, -1) },
      response: { choices: [{ message: openAi.at(-1) }] },
    },
  ],
  [
    "a request to OpenAI's chat API and its answer as a message",
    {
      request: { messages: openAi.slice(0, -1) },
      response: openAi.at(-1),
    },
  ],
  [
    "a request whose answer is no message",
    { request: { messages: openAi }, response: { status: 500 } },
  ],
  ["items of OpenAI Responses", responses],
  [
    "a request to OpenAI Responses and its answer",
    {
      request: { input: responses.slice(0, -1) },
      response: { object: "response", output: responses.slice(-1) },
    },
  ],
  [
    "a response with its input",
    {
      object: "response",
      input: responses.slice(0, -1),
      output: responses.slice(-1),
    },
  ],
  ["a page of a conversation's items", { object: "list", data: responses }],
  ["Anthropic messages", anthropic],
  ["a request to Anthropic", { system: "Be brief.", messages: anthropic }],
  ["messages of LangChain", langchain],
  ["messages of LangChain as JSON (constructors)", json(langchain)],
  ["stored messages of LangChain", mapChatMessagesToStoredMessages(langchain)],
  [
    "plain messages of LangChain",
    langchain.map((message) =>
      json(Object.fromEntries(Object.entries(message))),
    ),
  ],
  ["a state of LangGraph", { values: { messages: json(langchain) }, next: [] }],
  ["tau-bench", { task_id: 1, traj: openAi, reward: 0 }],
];

describe("the same conversation has the same diagnosis as", () => {
  test.each(formats)("%s", (_, recorded) => {
    const diagnosis = diagnose(recorded, { reads: ["list", "get"] });
    expect(diagnosis).toMatchObject({ calls: 5, turns: 4, turnsNeeded: 2 });
    const [finding] = diagnosis.findings;
    expect(finding?.couldBe).toEqual([[0], [1, 2, 3, 4]]);
    expect(finding?.calls.map(({ id }) => id)).toEqual([
      "c1",
      "c2",
      "c3",
      "c4",
      "c5",
    ]);
    expect(finding?.calls.map(({ needs }) => needs.length)).toEqual([
      0, 1, 1, 1, 1,
    ]);
  });
});
