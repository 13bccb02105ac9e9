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

  describe("the seconds that a stretch would have been shorter by", () => {
    const start = Date.UTC(2031, 0, 1);
    const iso = (second: number) => new Date(start + second * 1_000).toJSON();
    const turn = (id: string, of: string, from: object, to: object) => [
      {
        role: "assistant",
        ...from,
        tool_calls: [
          { id, function: { name: "get", arguments: `{"of":"${of}"}` } },
        ],
      },
      { role: "tool", ...to, tool_call_id: id, content: "fine" },
    ];
    const saved = (at: (second: number) => object) => {
      const { findings, secondsSaved } = diagnose(
        [
          { ...question, ...at(0) },
          // The model takes 2 s and 3 s, the tools 5 s and 1 s.
          ...turn("1", "alpha", at(2), at(7)),
          ...turn("2", "beta", at(10), at(11)),
        ],
        { reads: ["get"] },
      );
      expect(findings).toHaveLength(1);
      expect(findings[0]?.secondsSaved).toBe(secondsSaved);
      return secondsSaved;
    };

    test.each<[string, (second: number) => object]>([
      ["texts with a zone", (second) => ({ created_at: iso(second) })],
      [
        "texts without a zone",
        (second) => ({ timestamp: iso(second).replace("Z", "") }),
      ],
      ["seconds", (second) => ({ created_at: start / 1_000 + second })],
      ["milliseconds", (second) => ({ createdAt: start + second * 1_000 })],
      [
        "metadata",
        (second) => ({ response_metadata: { timestamp: iso(second) } }),
      ],
    ])("from times that are %s", (_, at) => {
      expect(saved(at)).toBe(3);
    });

    test.each<[string, (second: number) => object]>([
      ["count from the beginning", (second) => ({ timestamp: second })],
      ["are too large", (second) => ({ timestamp: start * 1_000 + second })],
      ["are no numbers", () => ({ timestamp: Number.NaN })],
      ["name no day", () => ({ timestamp: "2031-99-99T00:00:00Z" })],
    ])("but not from values that %s", (_, at) => {
      expect(saved(at)).toBeUndefined();
    });
  });

  test("an answer of OpenAI's Responses, with the text that it answers or without", () => {
    const output = ["alpha", "beta"].flatMap((of, index) => {
      const id = `${index}`;
      const args = JSON.stringify({ of });
      return [
        { type: "function_call", call_id: id, name: "get", arguments: args },
        { type: "function_call_output", call_id: id, output: "fine" },
      ];
    });
    const input = question.content;
    const response = { object: "response", output };
    // Without the text, nothing says where `beta` is from.
    expect(turnsOf({ ...response, input }).turnsNeeded).toBe(1);
    expect(turnsOf(response)).toEqual({ calls: 2, turns: 2, turnsNeeded: 2 });
  });

  test("data that JSON can't hold as no text", () => {
    const cyclic: Record<string, unknown> = { id: "id-4321" };
    cyclic["self"] = cyclic;
    const turn = (id: string, of: string, content: unknown) => [
      {
        role: "assistant",
        tool_calls: [
          { id, function: { name: "get", arguments: `{"of":"${of}"}` } },
        ],
      },
      { role: "tool", tool_call_id: id, content },
    ];
    const messages = [
      question,
      ...turn("1", "alpha", cyclic),
      ...turn("2", "beta", "fine"),
    ];
    expect(turnsOf({ messages, tools: [cyclic] })).toEqual({
      calls: 2,
      turns: 2,
      turnsNeeded: 1,
    });
  });
});
