import { expect, it } from "vitest";
import {
  attemptedNode,
  calls,
  finish,
  playTime,
} from "../support/attempted-node.js";
import { httpError } from "../support/attempted-tools.js";

playTime();

const ok = {};
const fails = (status: number, fields: object) => ({
  throws: Object.assign(httpError(status), fields),
});

it.each([
  { code: "insufficient_quota" },
  { error: { code: "insufficient_quota" } },
  { responseBody: `{"error":{"code":"insufficient_quota"}}` },
  { cause: { error: { type: "billing_error" } } },
])(
  "an account that is used up is final and pauses nothing: %j",
  async (fields) => {
    const policies = [
      { readOnly: true, dedupe: false },
      { retry: { retryOn: () => true, logWarning: false } },
    ];
    for (const policy of policies) {
      const { stage, node } = attemptedNode(
        { a: [fails(429, fields), ok] },
        { policies: { t: policy } },
      );
      await finish(node.invoke(calls("a")));
      await finish(node.invoke(calls("b")));
      expect(stage.starts).toEqual(["a 0", "b 0"]);
    }
  },
);

it.each([
  { readOnly: true, dedupe: false },
  { idempotent: true },
  { retry: {} },
])("GitHub's 403 is followed by another attempt under %j", async (policy) => {
  for (const headers of [
    { "retry-after": "3" },
    { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "3" },
  ]) {
    const { stage, node } = attemptedNode(
      { a: [fails(403, { response: { status: 403, headers } }), ok] },
      { policies: { t: policy } },
    );
    await finish(node.invoke(calls("a")));
    expect(stage.starts).toEqual(["a 0", "a 3000"]);
  }
});
