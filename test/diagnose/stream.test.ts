import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import {
  diagnoseStream,
  UnreadableConversationError,
} from "parallel-tools-node/diagnose";
import { readConversations } from "@/diagnose/formats/read-conversations.js";
import { turns, user } from "./support/conversation.js";

const conversation = (name: string) => [
  ...user(`Look at ${name}A1 and ${name}B2 — “both”, please`),
  ...turns(
    ["get", { id: `${name}A1` }, "[1, {"],
    ["get", { id: `${name}B2` }, '"'],
  ),
];
const three = ["x", "y", "z"].map(conversation);
const lines = (values: readonly unknown[]) =>
  values.map((value) => `${JSON.stringify(value)}\n`).join("");

async function* chunksOf(text: string, size = text.length || 1) {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += size) {
    yield bytes.subarray(at, at + size);
  }
}

async function read(text: string, size?: number) {
  const found = [];
  for await (const one of readConversations(chunksOf(text, size), "f.json")) {
    found.push(one);
  }
  return found;
}

const problemIn = (text: string) =>
  read(text).then(
    () => "nothing",
    (error: unknown) => {
      expect(UnreadableConversationError.isInstance(error)).toBe(true);
      const { place, problem } = error as UnreadableConversationError;
      return `${place}: ${problem}`;
    },
  );

describe("a file of three conversations", () => {
  test.each([
    ["JSON Lines", lines(three)],
    ["JSON Lines of records", lines(three.map((messages) => ({ messages })))],
    ["an array", JSON.stringify(three)],
    ["an array over many lines", JSON.stringify(three, null, 2)],
    [
      "records over many lines",
      three.map((traj) => JSON.stringify({ traj }, null, 2)).join("\n"),
    ],
    [
      "JSON Lines with a mark at the beginning and Windows line ends",
      `\ufeff${lines(three).replaceAll("\n", "\r\n")}`,
    ],
    [
      "arrays that follow one another",
      three.map((one) => JSON.stringify(one)).join(" "),
    ],
  ])("is read from %s", async (_, text) => {
    const found = await read(text);
    expect(found.map(({ messages }) => messages.length)).toEqual([5, 5, 5]);
    expect(found.map(({ messages }) => messages[0]?.text)).toEqual(
      three.map(([first]) => first?.content),
    );
  });

  property.prop([
    fc.constantFrom(lines(three), JSON.stringify(three, null, 1)),
    fc.integer({ min: 1, max: 300 }),
  ])("is read the same however it is cut", async (text, size) => {
    expect(await read(text, size)).toEqual(await read(text));
  });
});

describe("messages that stand by themselves", () => {
  test.each([
    ["an array", JSON.stringify(three[0])],
    ["JSON Lines", lines(three[0] ?? [])],
  ])("are one conversation in %s", async (_, text) => {
    const found = await read(text);
    expect(found).toHaveLength(1);
    expect(found[0]?.messages).toHaveLength(5);
  });

  test("are two conversations in two arrays", async () => {
    const text = JSON.stringify(three[0]) + JSON.stringify(three[1]);
    expect(await read(text)).toHaveLength(2);
  });
});

test("each conversation is given before the next one is read", async () => {
  const log: string[] = [];
  async function* source() {
    yield "[";
    for (const [place, one] of three.entries()) {
      log.push(`chunk ${place}`);
      yield `${place > 0 ? "," : ""}${JSON.stringify({ messages: one })}`;
    }
    yield "]";
  }
  for await (const { messages } of readConversations(source(), "f.json")) {
    log.push(`conversation of ${messages.length}`);
  }
  expect(log).toEqual([
    "chunk 0",
    "conversation of 5",
    "chunk 1",
    "conversation of 5",
    "chunk 2",
    "conversation of 5",
  ]);
});

test("findings name the file, the conversation and its place", async () => {
  const { findings, conversations } = await diagnoseStream(
    [
      { name: "a.jsonl", chunks: chunksOf(lines(three.slice(0, 2))) },
      { name: "b.json", chunks: chunksOf(JSON.stringify(three.slice(2))) },
    ],
    { reads: ["get"] },
  );
  expect(conversations).toBe(3);
  expect(
    findings.map(({ source, conversation: index, place }) => [
      source,
      index,
      place,
    ]),
  ).toEqual([
    ["a.jsonl", 0, "a.jsonl, line 1, column 2"],
    ["a.jsonl", 1, "a.jsonl, line 2, column 2"],
    ["b.json", 2, "b.json, line 1, column 2"],
  ]);
});

describe("a reader is told with its place", () => {
  test.each([
    ["", "f.json: there is nothing in it"],
    ["[]", "f.json: there is nothing in it"],
    [
      "id,name\n1,Ada",
      "f.json, line 1, column 1: expected JSON that begins with `{` or `[`, got `i`",
    ],
    ["[1, 2]", "f.json, line 1, column 2: expected `{` or `[`, got `1`"],
    [
      '[{"role":"user","content":"a"} {"role":"user"}]',
      "f.json, line 1, column 32: expected `,` or `]`, got `{`",
    ],
    [
      '[{"role":"user","content":"a"},]',
      "f.json, line 1, column 32: expected `{` or `[`, got `]`",
    ],
    [
      '{"role":"user","content":"a"}\n{"role": oops}',
      "f.json, line 2, column 10: broken JSON",
    ],
    [
      '{"role":"user",\n "content": "a",\n }',
      "f.json, line 3, column 2: broken JSON",
    ],
    [
      '{"role":"user","content":"a"}\n{"role":"assistant"',
      "f.json, line 2, column 1: the text ends within the value that begins here",
    ],
    [
      '[{"role":"user","content":"a"},',
      "f.json, line 1, column 2: the text ends within the array that this value is in",
    ],
    [
      '{"name":"a package","version":"1"}',
      'f.json, line 1, column 1: expected a message or a conversation, got `{"name":"a package","version":"1"}` (object)',
    ],
    [
      '{"messages":[{"role":"user","content":"a"},{"x":1}]}',
      'f.json, line 1, column 1, message 1: expected a message or a conversation, got `{"x":1}` (object)',
    ],
    [
      '[[{"role":"narrator","content":"a"}]]',
      'f.json, line 1, column 2, message 0: expected a message or a conversation, got `{"role":"narrator","content":"a"}` (object)',
    ],
    [
      `${"[".repeat(600)}`,
      "f.json, line 1, column 502: a value is nested more than 500 deep",
    ],
    [
      "\u0000\u0001",
      "f.json, line 1, column 1: expected JSON that begins with `{` or `[`, got the character U+0000",
    ],
  ])("what is wrong with %j", async (text, expected) => {
    expect(await problemIn(text)).toBe(expected);
  });

  test("where a value begins that doesn't end for too long", async () => {
    const million = "x".repeat(1_000_000);
    let sent = 0;
    async function* endless() {
      yield '[{"role":"user","content":"a"},\n {"role":"user","content":"';
      for (;;) {
        sent += 1;
        yield million;
      }
    }
    const reading = async () => {
      for await (const _ of readConversations(endless(), "f.json"));
    };
    await expect(reading()).rejects.toThrow(
      "f.json, line 2, column 2: the value that begins here is longer than 64000000 characters",
    );
    expect(sent).toBe(64);
  });

  test("where a value begins that is too long to look for what is wrong in it", async () => {
    const long = JSON.stringify("\n".repeat(10_000_000));
    expect(await problemIn(`[\n {"content":${long}, oops}]`)).toBe(
      "f.json, line 2, column 2: broken JSON",
    );
  });

  test("of bytes that are no text", async () => {
    async function* parquet() {
      yield new Uint8Array([0x50, 0x41, 0x52, 0x31, 0xff, 0xfe, 0x80]);
    }
    const reading = readConversations(parquet(), "f.parquet").next();
    await expect(reading).rejects.toThrow(
      "f.parquet, near byte 0: this is no text in UTF-8. Exports that are compressed or in Parquet have to be turned into JSON first.",
    );
  });

  test("of a text that is cut within a character", async () => {
    const cut = (async function* () {
      yield new TextEncoder()
        .encode('[{"role":"user","content":"é')
        .subarray(0, -1);
    })();
    await expect(readConversations(cut, "f.json").next()).rejects.toThrow(
      "this is no text in UTF-8",
    );
  });

  test("nothing of what goes wrong in the source itself, which is thrown as it is", async () => {
    const broken = (async function* () {
      yield "[";
      throw new TypeError("the cable is out");
    })();
    await expect(readConversations(broken, "f.json").next()).rejects.toThrow(
      new TypeError("the cable is out"),
    );
  });
});

property.prop([fc.json({ maxDepth: 4 })])(
  "any JSON is read or is told to be unreadable",
  async (text) => {
    await problemIn(text);
    await problemIn(`[${text}]`);
    await problemIn(`{"messages":[{"role":"user","content":${text}}]}`);
  },
);
