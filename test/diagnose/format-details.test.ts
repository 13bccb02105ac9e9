import { describe, expect, test } from "vitest";
import { diagnose } from "parallel-tools-node/diagnose";

const turnsOf = (recorded: object) => {
  const { calls, turns, turnsNeeded } = diagnose(recorded, {
    defaultPolicy: { readOnly: true },
  });
  return { calls, turns, turnsNeeded };
};

describe("diagnose reads", () => {
  const question = { role: "user", content: "Look at alpha and beta" };

  test("OpenAI's single function call of old, answered without an id", () => {
    const old = (of: string) => [
      {
        role: "assistant",
        content: null,
        function_call: { name: "get", arguments: `{"of":"${of}"}` },
      },
      { role: "function", name: "get", content: "fine" },
    ];
    expect(turnsOf([question, ...old("alpha"), ...old("beta")])).toEqual({
      calls: 2,
      turns: 2,
      turnsNeeded: 1,
    });
  });

  test("custom tools, whose arguments are a text", () => {
    const custom = (id: string, input: string) => [
      {
        role: "assistant",
        tool_calls: [{ id, type: "custom", custom: { name: "run", input } }],
      },
      { role: "tool", tool_call_id: id, content: "secret-9911" },
    ];
    expect(
      turnsOf([
        question,
        ...custom("1", "alpha"),
        ...custom("2", "secret-9911"),
      ]),
    ).toEqual({ calls: 2, turns: 2, turnsNeeded: 2 });
  });

  test("arguments that are broken JSON as the text that they are", () => {
    const broken = (id: string, text: string) => [
      {
        role: "assistant",
        tool_calls: [{ id, function: { name: "get", arguments: text } }],
      },
      { role: "tool", tool_call_id: id, content: "id-4321" },
    ];
    expect(
      turnsOf([
        question,
        ...broken("1", '{"of":"al'),
        ...broken("2", '{"of":"id-4321'),
      ]),
    ).toEqual({ calls: 2, turns: 2, turnsNeeded: 2 });
  });

  test("tools that a provider runs itself as taking no turn, but showing values", () => {
    const items = [
      { role: "user", content: "Look" },
      { type: "function_call", call_id: "1", name: "get", arguments: "{}" },
      { type: "function_call_output", call_id: "1", output: "fine" },
      {
        type: "web_search_call",
        id: "ws",
        status: "completed",
        action: { query: "id-4321" },
      },
      {
        type: "function_call",
        call_id: "2",
        name: "get",
        arguments: '{"id":"id-4321"}',
      },
      { type: "function_call_output", call_id: "2", output: "" },
    ];
    expect(turnsOf(items)).toEqual({ calls: 2, turns: 2, turnsNeeded: 2 });
  });

  test("tools that OpenAI defines and the application runs as taking turns", () => {
    const shell = (id: string, command: string) => [
      { type: "local_shell_call", call_id: id, action: { command: [command] } },
      { type: "local_shell_call_output", call_id: id, output: "done" },
    ];
    expect(
      turnsOf([question, ...shell("1", "alpha"), ...shell("2", "beta")]),
    ).toEqual({ calls: 2, turns: 2, turnsNeeded: 1 });
  });

  test("a word of the user beside Anthropic's results as the end of a stretch", () => {
    const turn = (id: string, of: string, more: object[]) => [
      {
        role: "assistant",
        content: [{ type: "tool_use", id, name: "get", input: { of } }],
      },
      {
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: id, content: "fine" },
          ...more,
        ],
      },
    ];
    const stop = [{ type: "text", text: "Stop. Now beta." }];
    expect(
      turnsOf([
        question,
        ...turn("1", "alpha", stop),
        ...turn("2", "beta", []),
      ]),
    ).toEqual({
      calls: 2,
      turns: 2,
      turnsNeeded: 2,
    });
  });

  test("an id that a model uses again as that of the last call", () => {
    const turn = (of: string, output: string) => [
      {
        role: "assistant",
        tool_calls: [
          {
            id: "call_0",
            function: { name: "get", arguments: `{"of":"${of}"}` },
          },
        ],
      },
      { role: "tool", tool_call_id: "call_0", content: output },
    ];
    expect(
      turnsOf([
        question,
        ...turn("alpha", "x-7712"),
        ...turn("beta", ""),
        ...turn("x-7712", ""),
      ]),
    ).toEqual({ calls: 3, turns: 3, turnsNeeded: 2 });
  });

  test("definitions of tools as what was said: ids in them are known", () => {
    const turn = (id: string, of: string) => [
      {
        role: "assistant",
        tool_calls: [
          {
            id,
            function: {
              name: "get",
              arguments: `{"of":"${of}","zone":"zone-77a"}`,
            },
          },
        ],
      },
      { role: "tool", tool_call_id: id, content: "" },
    ];
    const first = [
      {
        role: "assistant",
        tool_calls: [{ id: "0", function: { name: "get", arguments: "{}" } }],
      },
      { role: "tool", tool_call_id: "0", content: "fine" },
    ];
    const messages = [question, ...first, ...turn("1", "alpha")];
    expect(turnsOf(messages).turnsNeeded).toBe(2);
    const tools = [
      { name: "get", parameters: { zone: { enum: ["zone-77a"] } } },
    ];
    expect(turnsOf({ messages, tools }).turnsNeeded).toBe(1);
  });

  test("failures as each format marks them", () => {
    const again = (answer: object) => [
      question,
      {
        role: "assistant",
        content: [
          { type: "tool_use", id: "1", name: "get", input: { of: "alpha" } },
        ],
      },
      answer,
      {
        role: "assistant",
        content: [
          { type: "tool_use", id: "2", name: "get", input: { of: "beta" } },
        ],
      },
      { role: "tool", tool_call_id: "2", content: "fine" },
    ];
    for (const answer of [
      {
        role: "user",
        content: [
          {
            type: "tool_result",
            tool_use_id: "1",
            is_error: true,
            content: "no",
          },
        ],
      },
      { role: "tool", tool_call_id: "1", status: "error", content: "no" },
      { type: "tool", tool_call_id: "1", status: "error", content: "no" },
      { role: "tool", tool_call_id: "1", content: "ValueError: no such thing" },
    ]) {
      expect(turnsOf(again(answer)).turnsNeeded).toBe(2);
    }
    expect(
      turnsOf(
        again({ role: "tool", tool_call_id: "1", content: '{"error":null}' }),
      ).turnsNeeded,
    ).toBe(1);
  });

  test("the seconds that a stretch would have been shorter by", () => {
    const at = (second: number) =>
      `2031-01-01T00:00:${String(second).padStart(2, "0")}Z`;
    const turn = (id: string, of: string, from: number, to: number) => [
      {
        role: "assistant",
        created_at: at(from),
        tool_calls: [
          { id, function: { name: "get", arguments: `{"of":"${of}"}` } },
        ],
      },
      { role: "tool", created_at: at(to), tool_call_id: id, content: "fine" },
    ];
    const { findings, secondsSaved } = diagnose(
      [
        { ...question, created_at: at(0) },
        // The model takes 2 s and 3 s, the tools 5 s and 1 s.
        ...turn("1", "alpha", 2, 7),
        ...turn("2", "beta", 10, 11),
      ],
      { reads: ["get"] },
    );
    expect(findings[0]?.secondsSaved).toBe(3);
    expect(secondsSaved).toBe(3);
  });
});
