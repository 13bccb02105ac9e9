import { fc, test } from "@fast-check/vitest";
import type { ToolMessage } from "@langchain/core/messages";
import { type BatchReport, ParallelToolNode } from "parallel-tools-node";
import { expect } from "vitest";
import { deepFreeze } from "../support/deep-freeze.js";
import { ask, callOf } from "../support/messages.js";
import { NotingTools } from "../support/noting-tools.js";

const CALLS = 4;
const key = fc.constantFrom("a", "b", "__proto__", "constructor", "output");
const path = fc
  .array(fc.constantFrom(".a", ".b", "[0]", ".output", ".__proto__", '["b"]'), {
    maxLength: 2,
  })
  .map((steps) => steps.join(""));
const reference = fc
  .tuple(fc.integer({ min: 0, max: CALLS + 1 }), path)
  .chain(([ordinal, steps]) =>
    fc.constantFrom(`$${ordinal}${steps}`, `\${${ordinal}${steps}}`),
  );
const text = fc.oneof(
  reference,
  fc.tuple(fc.string(), reference, fc.string()).map((parts) => parts.join("")),
  fc.string(),
);
const { data } = fc.letrec<{ data: unknown }>((tie) => ({
  data: fc.oneof(
    { maxDepth: 3 },
    text,
    fc.constantFrom(null, true, 0, -1.5, 2 ** 60),
    fc.array(tie("data"), { maxLength: 3 }),
    fc
      .array(fc.tuple(key, tie("data")), { maxLength: 3 })
      .map((entries) => Object.fromEntries(entries)),
  ),
}));

const batch = fc.record({
  args: fc.array(data, { minLength: CALLS, maxLength: CALLS }),
  outputs: fc.array(data, { minLength: CALLS, maxLength: CALLS }),
  embedded: fc.boolean(),
  isReadOnly: fc.boolean(),
});

/** Without a dollar sign nothing in the arguments can be a reference. */
const mayRefer = (args: unknown) => JSON.stringify(args).includes("$");

test.prop([batch], { numRuns: 300 })(
  "whatever calls refer to, and whatever tools give, each call is answered",
  async ({ args, outputs, embedded, isReadOnly }) => {
    const ids = args.map((_, index) => `call_${index}`);
    const stage = new NotingTools(
      Object.fromEntries(ids.map((id, index) => [id, outputs[index]])),
    );
    const reports: BatchReport[] = [];
    const node = new ParallelToolNode(stage.tools("get"), {
      references: { embedded },
      policies: { get: { readOnly: isReadOnly } },
      onReport: (report) => reports.push(report),
    });
    const calls = ids.map((id, index) =>
      callOf(id, "get", { x: deepFreeze(args[index]) }),
    );
    const message = ask(...calls);
    const before = JSON.stringify(message.tool_calls);

    const answers = (await node.invoke([message])) as ToolMessage[];

    expect(answers.map(({ tool_call_id: id }) => id)).toEqual(ids);
    expect(JSON.stringify(message.tool_calls)).toBe(before);
    for (const { index, outcome, dependsOn, sameAs } of reports[0]!.calls) {
      expect(["ok", "error", "skipped"]).toContain(outcome);
      if (mayRefer(args[index])) continue;
      // Nothing in it could be a reference: it is run as it was asked for.
      expect(outcome).toBe("ok");
      expect(dependsOn).toEqual([]);
      if (sameAs !== undefined) continue;
      expect(JSON.stringify(stage.givenTo(ids[index]!))).toBe(
        JSON.stringify({ x: args[index] }),
      );
    }
    expect({}).not.toHaveProperty("a");
    expect({}).not.toHaveProperty("b");
  },
);
