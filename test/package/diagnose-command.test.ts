import { createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Diagnosis } from "parallel-tools-node/diagnose";
import { runProcess } from "./run-process.js";

const bin = path.resolve(
  import.meta.dirname,
  "../../packages/parallel-tools-node/bin/parallel-tools.js",
);
/** What the process may hold. */
const HEAP_MEGABYTES = 64;

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "diagnose-"));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A conversation of two reads that the user has named, with long answers. */
function conversation(index: number): string {
  const filler = `row ${index} of the answer; `.repeat(1_000);
  const turn = (of: string) => [
    {
      role: "assistant",
      content: null,
      tool_calls: [
        {
          id: of,
          function: { name: "get", arguments: JSON.stringify({ of }) },
        },
      ],
    },
    { role: "tool", tool_call_id: of, content: filler },
  ];
  return JSON.stringify([
    { role: "user", content: `Look at a${index}a and b${index}b` },
    ...turn(`a${index}a`),
    ...turn(`b${index}b`),
  ]);
}

/** Writes conversations until the file is as long as is asked for. */
async function writeConversations(
  file: string,
  form: "array" | "lines",
  bytes: number,
): Promise<number> {
  let count = 0;
  const pieces = function* () {
    let length = 0;
    if (form === "array") yield "[";
    while (length < bytes) {
      const text = conversation(count);
      const separator = form === "array" ? ",\n" : "\n";
      yield count === 0 ? text : separator + text;
      length += text.length;
      count += 1;
    }
    if (form === "array") yield "]";
  };
  await pipeline(Readable.from(pieces()), createWriteStream(file));
  return count;
}

function run(args: readonly string[]) {
  return runProcess(
    process.execPath,
    [`--max-old-space-size=${HEAP_MEGABYTES}`, bin, "diagnose", ...args],
    folder,
  );
}

describe("a file larger than all that the process may hold", () => {
  test.each([
    ["array", 200],
    ["lines", 100],
  ] as const)("%s of %i MB", async (form, megabytes) => {
    const name = `large-${form}.json`;
    const file = path.join(folder, name);
    const count = await writeConversations(file, form, megabytes * 1_000_000);
    const { code, stdout, stderr } = await run([
      name,
      "--reads",
      "get",
      "--format",
      "json",
      "--max-findings",
      "1",
    ]);
    rmSync(file);
    expect(code, stderr).toBe(0);
    const diagnosis = JSON.parse(stdout) as Diagnosis;
    expect(diagnosis).toMatchObject({
      conversations: count,
      turns: 2 * count,
      turnsNeeded: count,
      findingCount: count,
    });
  });
});

test("a reader that leaves early is no error", async () => {
  const name = "small.json";
  await writeConversations(path.join(folder, name), "lines", 2_000_000);
  const { code, stdout, stderr } = await runProcess(
    process.platform === "win32" ? "cmd" : "sh",
    [
      process.platform === "win32" ? "/c" : "-c",
      `"${process.execPath}" "${bin}" diagnose ${name} --reads get --format json | head -n 1`,
    ],
    folder,
  );
  expect([code, stdout, stderr]).toEqual([0, "{\n", ""]);
});
