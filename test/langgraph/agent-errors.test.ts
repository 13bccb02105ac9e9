import { MiddlewareError, ToolInvocationError } from "langchain";
import { describe, expect, it } from "vitest";
import {
  isMiddlewareError,
  isToolInvocationError,
} from "@/langgraph/agent-errors.js";

describe("the brand of an error", () => {
  it("is what createAgent writes on errors of its own", () => {
    const call = { name: "search", args: {}, id: "a" };
    const refused = new ToolInvocationError(new Error("no query"), call);
    expect(isToolInvocationError(refused)).toBe(true);
    expect(isMiddlewareError(refused)).toBe(false);
    const fault: unknown = MiddlewareError.wrap(new Error("broken"), "mine");
    expect(isMiddlewareError(fault)).toBe(true);
    expect(isToolInvocationError(fault)).toBe(false);
  });

  it.each<unknown>([
    undefined,
    null,
    "ToolInvocationError",
    new Error("ToolInvocationError"),
    { "~brand": "another" },
  ])("is none on %o", (error) => {
    expect(isToolInvocationError(error)).toBe(false);
    expect(isMiddlewareError(error)).toBe(false);
  });

  it("is none where it can't be read", () => {
    const error = {
      get "~brand"(): never {
        throw new Error("none of your business");
      },
    };
    expect(isToolInvocationError(error)).toBe(false);
    expect(isMiddlewareError(error)).toBe(false);
  });
});
