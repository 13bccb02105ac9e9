import { describe, expect, test } from "vitest";
import {
  diagnose,
  diagnosisToHtml,
  formatDiagnosis,
} from "parallel-tools-node/diagnose";
import { turns, user } from "./support/conversation.js";

const messages = [
  ...user("What is in my orders?"),
  ...turns(
    ["list", {}, { orders: ["ORD-1001", "ORD-1002"] }],
    ["get", { id: "ORD-1001" }, { item: "pen" }],
    ["get", { id: "ORD-1002" }, { item: "ink" }],
    ["note", { text: "pen and ink" }, "noted"],
  ),
];
const diagnosis = diagnose(messages, { reads: ["list", "get"] });

describe("as text,", () => {
  test("a diagnosis tells what was found, why, and what to change", () => {
    expect(formatDiagnosis(diagnosis)).toBe(
      `1 conversation, 4 calls in 4 turns. 3 turns would have done: 25.0% can be saved.

Most frequent: times, turns, calls that could have shared one

     1       1  list -> N x get (N+1)

1. conversation 0, messages 1 to 7

   4 turns, 3 would have done
   1. list
      was turn 1
   2. get x 2
      were turns 2, 3
      after list: its output showed \`id\` first
   3. note
      was turn 4
      after get: its output showed \`text\` first
   N+1: 2 calls of get, each for a value out of one answer of list

What to change

  - No message holds more than one call: see that the model may make several
    (\`parallel_tool_calls\`; Anthropic: no \`disable_parallel_tool_use\`).
  - Add to the system prompt: "Ask for all calls that need nothing from each
    other in one message."
  - Tools of which nothing is said count as writers: a policy with \`readOnly:
    true\`, or with the keys that they touch (\`access\`), tells what may share a
    turn.
  - Asked for together, calls of \`get\` reach their server at once: give them a
    cap or a rate in \`policies\` (\`concurrency\`, \`rateLimit\`), or a tool that
    takes a list.

Counted as writers, since nothing is said of them

  note (1)

What this claims

  Calls that could have shared a turn needed nothing from each other's outputs,
  and none of them is known to write what another touches. Whether the model
  wanted to see a result before it asked for the next can't be seen in values.
  Reads are safe to have been asked for together all the same; at worst, some
  would not have been needed.`,
    );
  });

  test("a diagnosis says nothing of nothing", () => {
    expect(formatDiagnosis(diagnose(user("Hi")))).toBe(
      "1 conversation, 0 calls in 0 turns. No turn could have been saved.",
    );
  });

  test("a diagnosis keeps to a width, and its pieces are painted", () => {
    const painted: string[] = [];
    const text = formatDiagnosis(diagnosis, {
      width: 50,
      paint: (role, piece) => {
        painted.push(role);
        return `<${piece}>`;
      },
    });
    for (const line of text.split("\n")) {
      expect(line.replaceAll(/[<>]/g, "").length).toBeLessThanOrEqual(50);
    }
    expect(new Set(painted)).toEqual(new Set(["heading", "good", "dim"]));
  });

  test("findings that were left out are counted", () => {
    const few = diagnose(messages, { reads: ["list", "get"], maxFindings: 0 });
    expect(formatDiagnosis(few)).toContain("1 findings are not shown.");
  });
});

const hostile = `<img src=x onerror=alert(1)>"'&\u001b]0;owned\u0007\u202e`;
const attacked = diagnose(
  [
    ...user("Look at alpha and beta"),
    ...turns(
      [hostile, { [hostile]: "alpha" }, ""],
      [hostile, { b: "beta" }, ""],
    ),
  ],
  { reads: [hostile] },
);

describe("names that would do harm", () => {
  test("don't steer a terminal", () => {
    const text = formatDiagnosis(attacked);
    expect(text).toContain("onerror=alert(1)");
    expect(text).not.toMatch(/[\p{Cf}]|[^\P{Cc}\n]/u);
  });

  test("are escaped in HTML", () => {
    const html = diagnosisToHtml(attacked);
    expect(html).toContain(
      "&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;",
    );
    expect(html).not.toContain("<img");
  });
});

describe("as HTML,", () => {
  const html = diagnosisToHtml(diagnosis);

  test("a diagnosis is one file that loads nothing and runs nothing", () => {
    expect(html).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(html).toContain("default-src 'none'");
    expect(html).not.toMatch(
      /<script|<link|\bsrc=|\bhref=|url\(|@import|\son\w+=/,
    );
  });

  test("a diagnosis tells what the text tells", () => {
    for (const part of [
      "4 calls in 4 turns",
      "list -&gt; N x get (N+1)",
      "get x 2",
      "were turns 2, 3",
      "its output showed `id` first",
      "Add to the system prompt",
      "note: 1 calls",
      "What this claims",
    ]) {
      expect(html).toContain(part);
    }
  });

  test("every element that is opened is closed", () => {
    const open: string[] = [];
    const wrong: string[] = [];
    const tags = html.replace(/<style>[^<]*<\/style>/, "");
    for (const [tag, slash, name = ""] of tags.matchAll(
      /<(\/?)([a-z]\w*)[^>]*>/g,
    )) {
      if (["meta", "br"].includes(name)) continue;
      if (slash === "") open.push(name);
      else if (open.pop() !== name) wrong.push(tag);
    }
    expect(wrong).toEqual([]);
    expect(open).toEqual([]);
  });

  test("what a picture shows is hidden from who listens, and told by a table", () => {
    expect(html).toMatch(/<div class="strips" aria-hidden="true">/);
    expect(html.match(/<caption>/g)).toHaveLength(2);
    expect(
      html.match(
        /class="scroll" role="region" tabindex="0" aria-label="[^"]+"/g,
      ),
    ).toHaveLength(2);
  });

  test("a diagnosis of nothing tells the totals", () => {
    const empty = diagnosisToHtml(diagnose(user("Hi")));
    expect(empty).toContain("No turn could have been saved.");
    expect(empty).not.toContain("<table>");
  });
});
