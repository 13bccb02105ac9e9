import { describe, expect, test } from "vitest";
import {
  NO_POLICY,
  PolicyBook,
  type PolicyOptions,
} from "@/policy/policy-book.js";

function hinted(name: string, annotations: unknown) {
  return { name, metadata: { annotations } };
}

function bookOf(options: PolicyOptions, ...tools: { name: string }[]) {
  return new PolicyBook(options, () => tools, new Map());
}

describe("a tool's policy", () => {
  test("takes the hints of its MCP server for defaults", () => {
    const book = bookOf(
      {},
      hinted("read", { readOnlyHint: true, idempotentHint: true }),
      hinted("write", { readOnlyHint: false }),
    );
    expect(book.of("read")).toMatchObject({
      readOnly: true,
      idempotent: true,
      dedupe: true,
    });
    expect(book.of("write")).toMatchObject({ readOnly: false, dedupe: false });
  });

  test("lets the default policy go before hints, and the tool's own before both", () => {
    const book = bookOf(
      {
        defaultPolicy: { readOnly: false, cost: 2 },
        policies: { own: { readOnly: true, dedupe: false } },
      },
      hinted("plain", { readOnlyHint: true }),
      hinted("own", { readOnlyHint: false }),
    );
    expect(book.of("plain")).toMatchObject({ readOnly: false, cost: 2 });
    expect(book.of("own")).toMatchObject({
      readOnly: true,
      dedupe: false,
      cost: 2,
    });
  });

  test.each([undefined, null, "yes", 1, { readOnlyHint: "true" }, []])(
    "takes no hint from what is none: %j",
    (annotations) => {
      const book = bookOf({}, hinted("t", annotations));
      expect(book.of("t")).toMatchObject({
        readOnly: false,
        idempotent: false,
      });
    },
  );

  test("leaves a field that is undefined to whoever says something", () => {
    const book = bookOf(
      {
        defaultPolicy: { cost: 3 },
        // A caller that spreads optional settings may hand in such a field.
        policies: { t: { ...({ cost: undefined } as object) } },
      },
      { name: "t" },
    );
    expect(book.of("t").cost).toBe(3);
  });
});

describe("a name", () => {
  test("that is no tool of the node has no policy, and is not remembered", () => {
    const tools = [{ name: "known" }];
    const book = new PolicyBook(
      { defaultPolicy: { cost: 2 } },
      () => tools,
      new Map(),
    );
    expect(book.of("later")).toBe(NO_POLICY);
    tools.push({ name: "later" });
    expect(book.of("later").cost).toBe(2);
  });

  test("of a property that all objects have is a name like any other", () => {
    const book = bookOf(
      { policies: { constructor: { cost: 4 } } },
      { name: "constructor" },
      { name: "toString" },
    );
    expect(book.of("constructor").cost).toBe(4);
    expect(book.of("toString").cost).toBe(1);
    expect(book.of("__proto__")).toBe(NO_POLICY);
  });
});
