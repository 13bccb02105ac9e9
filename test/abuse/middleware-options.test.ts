import { parallelToolsMiddleware } from "parallel-tools-node/middleware";
import { expect, test } from "vitest";
import { configurationProblem } from "../support/thrown-by.js";

function problemOf(options: object): string {
  return configurationProblem(() => parallelToolsMiddleware(options));
}

test.each([
  [{ name: "" }, "`name` to be a string that is not empty, got `` (string)"],
  [{ name: 1 }, "`name` to be a string that is not empty, got `1` (number)"],
  [
    { handleToolErrors: "yes" },
    "`handleToolErrors` to be a boolean, got `yes` (string)",
  ],
  [
    { needsApproval: "send" },
    "`needsApproval` to be an array of names, got `send` (string)",
  ],
  [
    { needsApproval: [1] },
    "`needsApproval` to be an array of names, got `[1]` (array)",
  ],
  [
    { arrivalTimeoutMs: -1 },
    "`arrivalTimeoutMs` to be a number of milliseconds, at least 0, got `-1` (number)",
  ],
  [
    { arrivalTimeoutMs: Number.POSITIVE_INFINITY },
    "`arrivalTimeoutMs` to be a number of milliseconds, at least 0, got `Infinity` (number)",
  ],
  [{ durable: 1 }, "`durable` to be a boolean, got `1` (number)"],
  [
    { streamProgress: "all" },
    "`streamProgress` to be a boolean, got `all` (string)",
  ],
  [
    { maxConcurrency: 0 },
    "`maxConcurrency` to be an integer of at least 1, got `0` (number)",
  ],
  [
    { policies: { a: { resources: "db" } } },
    "`policies.a.resources` to be names of declared resources (none), got `db` (string)",
  ],
])("the middleware's options can't be %j", (options, problem) => {
  expect(problemOf(options)).toBe(`Expected ${problem}`);
});

test("an option of a node's own is no option of the middleware", () => {
  expect(problemOf({ tags: ["a"] })).toMatch(
    /^Expected `options` to be an object with no fields but `name`, `handleToolErrors`, .*, got `tags` \(string\)$/,
  );
});
