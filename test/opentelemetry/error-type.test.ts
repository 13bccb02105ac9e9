import { describe, expect, it } from "vitest";
import { errorMessage, errorType } from "@/opentelemetry/error-type.js";

class HttpError extends Error {}

class NamedError extends Error {
  override readonly name = "Named";
}

const hostile = {
  get name(): string {
    throw new Error("no name");
  },
  get message(): string {
    throw new Error("no message");
  },
};

describe("the type of an error", () => {
  it.each([
    [new RangeError("x"), "RangeError"],
    [new NamedError("x"), "Named"],
    [new HttpError("x"), "HttpError"],
    [new Error("x"), "Error"],
    [{ name: "AxiosError" }, "AxiosError"],
    [{ name: "" }, "Object"],
    [{ name: `evil\u0000${"x".repeat(1e5)}` }, `evil\uFFFD${"x".repeat(74)}…`],
    [Object.create(null), "_OTHER"],
    ["text", "_OTHER"],
    [undefined, "tool_error"],
    [null, "tool_error"],
  ])("%o is %s", (error, type) => {
    expect(errorType(error)).toBe(type);
  });
});

describe("the message of an error", () => {
  it.each([
    [new Error("it broke"), "it broke"],
    ["it broke", "it broke"],
    [{ message: 5 }, ""],
    [undefined, ""],
    [new Error("x".repeat(100)), `${"x".repeat(9)}…`],
  ])("%o is %j", (error, message) => {
    expect(errorMessage(error, 10)).toBe(message);
  });
});

it("a getter that throws is no type and no message", () => {
  expect(errorType(hostile)).toBe("_OTHER");
  expect(errorMessage(hostile, 10)).toBe("");
});
