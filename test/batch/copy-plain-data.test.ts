import { describe, expect, it } from "vitest";
import { copyPlainData } from "@/batch/copy-plain-data.js";
import { deepFreeze } from "../support/deep-freeze.js";

class Account {
  readonly #secret = 1;
  get secret(): number {
    return this.#secret;
  }
}

/** Arrays in arrays. */
function nested(depth: number): unknown[] {
  let data: unknown[] = [];
  for (let level = 0; level < depth; level += 1) data = [data];
  return data;
}

describe("a copy of plain data", () => {
  it("is equal, and shares no object and no array", () => {
    const data = deepFreeze({
      text: "a",
      list: [{ n: 1 }, [2, [3]], null],
      inner: { deep: { x: undefined } },
    });
    const copy = copyPlainData(data) as unknown as Record<string, never[]>;
    expect(copy).toStrictEqual(data);
    copy["list"]?.push("more" as never);
    Object.assign(copy["inner"] as object, { deep: 0 });
    Object.assign(copy["list"]?.[0] as unknown as object, { n: 2 });
    expect(data.list).toEqual([{ n: 1 }, [2, [3]], null]);
    expect(data.inner).toEqual({ deep: {} });
  });

  it.each([
    ["text"],
    [1],
    [null],
    [undefined],
    [true],
    [10n],
    [Symbol.iterator],
  ])("is the value itself for %s", (value) => {
    expect(copyPlainData(value)).toBe(value);
  });

  it.each([
    ["a function", () => 1],
    ["a date", new Date(0)],
    ["an instance", new Account()],
    ["a map", new Map([["a", {}]])],
    ["bytes", new Uint8Array(2)],
    ["a promise", Promise.resolve(1)],
    ["a subclass of an array", new (class extends Array {})()],
    ["an object of a prototype", Object.create({ a: 1 })],
  ])("shares %s with the original", (_, value: unknown) => {
    expect(copyPlainData(value)).toBe(value);
    const data = { list: [value], value };
    const copy = copyPlainData(data);
    expect(copy).not.toBe(data);
    expect(copy.value).toBe(value);
    expect(copy.list).not.toBe(data.list);
    expect(copy.list[0]).toBe(value);
  });

  it("keeps the order of keys, and symbols as keys", () => {
    const key = Symbol("key");
    const copy = copyPlainData({ b: {}, a: [], 1: 0, [key]: 2 });
    expect(Reflect.ownKeys(copy)).toEqual(["1", "b", "a", key]);
  });

  it("keeps `__proto__` as a key", () => {
    const data = JSON.parse(
      '{"__proto__":{"isAdmin":true},"x":{"__proto__":[1]}}',
    ) as Record<string, unknown>;
    const copy = copyPlainData(data);
    expect(Object.keys(copy)).toEqual(["__proto__", "x"]);
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
    expect(copy["isAdmin"]).toBe(undefined);
    expect(JSON.stringify(copy)).toBe(JSON.stringify(data));
    const own = (of: object) =>
      Object.getOwnPropertyDescriptor(of, "__proto__")?.value as unknown;
    expect(own(copy)).not.toBe(own(data));
  });

  it("has no prototype where the original has none", () => {
    const data = Object.assign(Object.create(null) as object, {
      __proto__: undefined,
      inner: Object.create(null) as object,
    });
    const copy = copyPlainData(data);
    expect(Object.getPrototypeOf(copy)).toBe(null);
    expect(Object.getPrototypeOf(copy.inner)).toBe(null);
    expect(copy.inner).not.toBe(data.inner);
  });

  it("keeps holes", () => {
    // oxlint-disable-next-line no-sparse-arrays -- it is about holes
    const copy = copyPlainData([, [1]]);
    expect(0 in copy).toBe(false);
    expect(copy).toHaveLength(2);
  });

  it("keeps cycles, and what stands in two places", () => {
    const shared = { n: 1 };
    const data: Record<string, unknown> = { a: shared, b: [shared] };
    data["self"] = data;
    const copy = copyPlainData(data) as Record<string, never>;
    expect(copy["self"]).toBe(copy);
    expect(copy["a"]).not.toBe(shared);
    expect(copy["b"]?.[0]).toBe(copy["a"]);
  });

  it("takes linear time where each level stands in two places", () => {
    let data: unknown = {};
    for (let level = 0; level < 1_000; level += 1) data = { a: data, b: data };
    const copy = copyPlainData(data) as { a: object; b: object };
    expect(copy.a).toBe(copy.b);
  });

  it("is made of 100,000 levels, too", () => {
    let [data, copy] = [nested(100_000), copyPlainData(nested(100_000))];
    let levels = 0;
    while (data.length > 0) {
      [data, copy] = [data[0], copy[0]] as [unknown[], unknown[]];
      levels += 1;
    }
    expect(levels).toBe(100_000);
    expect(copy).toEqual([]);
  });

  it("is the original if that can't be read", () => {
    const data = {
      list: [1],
      get broken(): never {
        throw new Error("no");
      },
    };
    expect(copyPlainData(data)).toBe(data);
    const proxy = Proxy.revocable({}, {});
    proxy.revoke();
    const holder = { proxy: proxy.proxy };
    expect(copyPlainData(holder)).toBe(holder);
  });
});
