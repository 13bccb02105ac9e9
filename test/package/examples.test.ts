import { readdirSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { runProcess } from "./run-process.js";

const root = path.resolve(import.meta.dirname, "../..");
const folder = "packages/examples/src";
const examples = readdirSync(path.join(root, folder))
  .filter((name) => name.endsWith(".ts"))
  .map((name) => `${folder}/${name}`);

/** What some of them claim. */
const CLAIMS: Record<string, readonly string[]> = {
  "code-interpreter.ts": [
    "Inside of its calls ran 20 calls in 1 batch.",
    "Most requests at once: 5",
    '"member 17"',
  ],
  "deep-agent-files.ts": [
    "on a disk: [x] tea, [x] bread, after 4 model turns",
    "in the graph's state: [x] tea, [x] bread, after 5 model turns",
  ],
  "deep-agents.ts": [
    "2 turns of the lead, 10 of all models",
    "12 searches, at most 2 at once",
  ],
  // How many times faster is a matter of the machine.
  "eager.ts": [
    "The same calls, under the same limit, and the same answer",
    ": It is sunny in all of them.",
  ],
  // Those of its second run: its first loses what the clock lets it lose. How many
  // requests are refused there is a matter of the machine; none may be lost.
  "model-quota.ts": [
    "lost      0 of 6 agents, 0 of 2 translations",
    "Here are 6 texts and 2 titles.",
  ],
  "programmatic-calls.ts": [
    'toolu_5 [{"user_id":"emp_6","amount":120}]',
    "Most requests at once: 3",
  ],
  "references.ts": [
    "Ada Lovelace earned 1200000 with 42 patents.",
    "2 model turns",
  ],
  "subagents.ts": [
    "tool  All about the market.",
    "tool  GraphRecursionError: Recursion limit of 8 reached",
    "tool  All about the weather.",
    "2 turns of the lead, 12 of all models",
    "8 searches, at most 2 at once",
    "bought: Rain in Bergen",
  ],
  "supervisor.ts": [
    "2 turns of the supervisor, 8 of all models",
    "5 queries, at most 2 at once",
    "the mailer was told: It is in Bergen. It is paid.",
  ],
};

test("there are examples", () => {
  expect(examples).not.toEqual([]);
});

test.each([...examples, `${folder}/demo/main.ts`])(
  "%s runs to its end and prints something",
  async (file) => {
    const { code, stdout, stderr } = await runProcess(
      process.execPath,
      ["--import", "tsx", file],
      root,
    );
    expect(code, stderr).toBe(0);
    expect(stdout.trim()).not.toBe("");
    for (const claim of CLAIMS[path.basename(file)] ?? []) {
      expect(stdout).toContain(claim);
    }
  },
);
