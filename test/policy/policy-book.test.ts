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
  return new PolicyBook(options, {
    tools: () => tools,
    resources: new Map(),
  });
}

describe("a tool's policy", () => {
  test("takes the hints of its MCP server for defaults", () => {
    const book = bookOf(
      { policies: { read: {} }, defaultPolicy: {} },
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

  test("is the empty one where nothing but a hint speaks of the tool", () => {
    const book = bookOf(
      { policies: { other: { readOnly: true } } },
      hinted("t", { readOnlyHint: true, idempotentHint: true }),
      { name: "other" },
    );
    expect(book.of("t")).toBe(NO_POLICY);
  });

  test.each([undefined, null, "yes", 1, { readOnlyHint: "true" }, []])(
    "takes no hint from what is none: %j",
    (annotations) => {
      const book = bookOf({ defaultPolicy: {} }, hinted("t", annotations));
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
      { tools: () => tools, resources: new Map() },
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

describe("where tools become known by and by,", () => {
  function openBook(options: PolicyOptions) {
    const tools: { name: string }[] = [];
    const book = new PolicyBook(options, {
      tools: () => tools,
      hasUnknownTools: true,
      resources: new Map(),
    });
    return { book, tools };
  }

  test("a policy holds before its tool is known, and is the same after", () => {
    const { book, tools } = openBook({ policies: { later: { cost: 4 } } });
    const before = book.of("later");
    expect(before.cost).toBe(4);
    tools.push({ name: "later" });
    expect(book.of("later")).toBe(before);
  });

  test("hints of a server count as soon as the tool is known", () => {
    const { book, tools } = openBook({ policies: { later: { cost: 4 } } });
    expect(book.of("later").readOnly).toBe(false);
    tools.push(hinted("later", { readOnlyHint: true }));
    expect(book.of("later")).toMatchObject({ readOnly: true, cost: 4 });
  });

  test("hints alone count as little as before", () => {
    const { book, tools } = openBook({ policies: { other: {} } });
    expect(book.of("later")).toBe(NO_POLICY);
    tools.push(hinted("later", { readOnlyHint: true, idempotentHint: true }));
    expect(book.of("later")).toBe(NO_POLICY);
  });

  test("names that a model makes up share one policy, the default one", () => {
    const { book, tools } = openBook({ defaultPolicy: { cost: 2 } });
    expect(book.of("made up")).toBe(book.of("made up, too"));
    expect(book.of("made up").cost).toBe(2);
    tools.push({ name: "made up" });
    expect(book.of("made up")).not.toBe(book.of("made up, too"));
  });

  test("a tool that all others come after does not come after itself", () => {
    const { book } = openBook({ defaultPolicy: { after: ["login"] } });
    expect(book.of("login").after).toEqual([]);
    expect(book.of("search").after).toEqual(["login"]);
  });

  test("a cycle of `after` is an error all the same", () => {
    expect(() =>
      openBook({ policies: { a: { after: ["b"] }, b: { after: ["a"] } } }),
    ).toThrow("free of cycles (here: `a` after `b` after `a`)");
  });
});
