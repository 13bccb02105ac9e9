import { MiddlewareError, ToolInvocationError } from "langchain";
import { describe, expect, it } from "vitest";
import { agentErrorBrand } from "@/langgraph/agent-errors.js";

describe("the brand of an error", () => {
  it("is what createAgent writes on errors of its own", () => {
    const call = { name: "search", args: {}, id: "a" };
    const refused = new ToolInvocationError(new Error("no query"), call);
    expect(agentErrorBrand(refused)).toBe("ToolInvocationError");
    const fault: unknown = MiddlewareError.wrap(new Error("broken"), "mine");
    expect(agentErrorBrand(fault)).toBe("MiddlewareError");
  });

  it.each<unknown>([
    undefined,
    null,
    "ToolInvocationError",
    new Error("ToolInvocationError"),
    { "~brand": "another" },
  ])("is none on %o", (error) => {
    expect(agentErrorBrand(error)).toBeUndefined();
  });

  it("is none where it can't be read", () => {
    const error = {
      get "~brand"(): never {
        throw new Error("none of your business");
      },
    };
    expect(agentErrorBrand(error)).toBeUndefined();
  });
});
