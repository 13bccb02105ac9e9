import { describe, expect, it } from "vitest";
import { headerReader } from "@/limits/feedback/header-reader.js";

const read = (source: unknown, name = "retry-after") =>
  headerReader([source])(name);
const bytes = (text: string) => new TextEncoder().encode(text);

describe("headers are read", () => {
  it.each<[string, unknown]>([
    ["a plain object", { "retry-after": "7" }],
    ["a plain object, in any case", { "RETRY-After": " 7 " }],
    ["a plain object with a number", { "Retry-After": 7 }],
    ["a plain object with an array", { "retry-after": ["7"] }],
    ["an object without prototype", { __proto__: null, "retry-after": "7" }],
    [
      "an object with the same in two cases",
      { "Retry-After": 7, "retry-after": "7" },
    ],
    ["Headers", new Headers({ "Retry-After": "7" })],
    ["a Map", new Map([["Retry-After", "7"]])],
    ["a Map with arrays", new Map([["Retry-After", ["7"]]])],
    [
      "pairs",
      [
        ["Date", "x"],
        ["Retry-After", "7"],
      ],
    ],
    ["pairs with bytes", [[bytes("Retry-After"), bytes("7")]]],
    ["a flat array", ["Date", "x", "Retry-After", "7"]],
    ["a flat array of buffers", [Buffer.from("Retry-After"), Buffer.from("7")]],
    ["pairs behind junk", [[], [1], null, 5, ["Retry-After", "7"]]],
  ])("from %s", (_, source) => {
    expect(read(source)).toBe("7");
  });

  it("with several lines as one list, and equal lines as one", () => {
    expect(read({ ratelimit: ["a;r=1", "b;r=2"] }, "ratelimit")).toBe(
      "a;r=1, b;r=2",
    );
    expect(
      read(
        [
          ["RateLimit", "a"],
          ["ratelimit", "b"],
        ],
        "ratelimit",
      ),
    ).toBe("a, b");
    expect(read({ "retry-after": ["7", "7"] })).toBe("7");
  });

  it("from the first source that has them", () => {
    const reader = headerReader([
      undefined,
      { a: "1" },
      new Headers({ a: "2", b: "2" }),
      { b: "3", c: "3" },
    ]);
    expect(["a", "b", "c", "d"].map(reader)).toEqual([
      "1",
      "2",
      "3",
      undefined,
    ]);
  });

  it("up to 1,000 characters each", () => {
    const longest = "7".repeat(1_000);
    const wrap: ((text: string) => unknown)[] = [
      (text) => ({ "retry-after": text }),
      (text) => ({ "retry-after": [text] }),
      (text) => new Headers({ "retry-after": text }),
      (text) => [bytes("retry-after"), bytes(text)],
      (text) => ({ get: () => bytes(text) }),
    ];
    for (const source of wrap) {
      expect(read(source(longest))).toBe(longest);
      expect(read(source(`${longest}7`))).toBeUndefined();
    }
    const half = "7".repeat(500);
    const rest = "7".repeat(498);
    expect(read({ "retry-after": [half, rest] })).toBe(`${half}, ${rest}`);
    expect(read({ get: () => [half, `${rest}7`] })).toBeUndefined();
    expect(
      read([
        ["retry-after", half],
        ["retry-after", `${half}8`],
      ]),
    ).toBeUndefined();
    expect(read({ "retry-after": [half, `${half}8`] })).toBeUndefined();
  });

  it("up to 2,000 of them", () => {
    const filler = (count: number) =>
      Array.from({ length: count }, (_, i) => [`x-${i}`, "1"]);
    expect(read([...filler(1_999), ["retry-after", "7"]])).toBe("7");
    expect(read([...filler(2_000), ["retry-after", "7"]])).toBeUndefined();
  });
});

describe("headers are not there", () => {
  it.each<[string, unknown]>([
    ["in no object", "retry-after: 7"],
    ["with a value of another type", { "retry-after": { seconds: 7 } }],
    ["with an empty array", { "retry-after": [] }],
    ["with an array that holds something else", { "retry-after": ["7", null] }],
    ["in a flat array without a value", ["retry-after"]],
    ["under another name", { "x-retry-after": "7" }],
    [
      "on the prototype of a plain object",
      Object.create({ "retry-after": "7" }),
    ],
  ])("%s", (_, source) => {
    expect(read(source)).toBeUndefined();
  });
});
