import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Diagnosis } from "parallel-tools-node/diagnose";
import { runCommand } from "@/diagnose/command/run-command.js";
import { turns, user } from "./support/conversation.js";

let folder = "";
const conversation = [
  ...user("Look at alpha and beta"),
  ...turns(["get", { of: "alpha" }, ""], ["get", { of: "beta" }, ""]),
];

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "diagnose-"));
  file("one.json", conversation);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: unknown): string {
  const full = path.join(folder, name);
  const text = typeof content === "string" ? content : JSON.stringify(content);
  writeFileSync(full, text);
  return full;
}

interface Surroundings {
  readonly stdin?: string;
  readonly env?: Record<string, string>;
  readonly isTTY?: boolean;
}

async function run(args: readonly string[], around: Surroundings = {}) {
  const written = { stdout: "", stderr: "" };
  const stream = (name: keyof typeof written) => ({
    write: (text: string) => {
      written[name] += text;
    },
    ...(around.isTTY && { isTTY: true, columns: 60 }),
  });
  const code = await runCommand(
    args.map((arg) => arg.replace("@", `${folder}/`)),
    {
      stdin: (async function* () {
        yield around.stdin ?? "";
      })(),
      stdout: stream("stdout"),
      stderr: stream("stderr"),
      env: around.env ?? {},
    },
  );
  const plain = (text: string) => text.replaceAll(`${folder}/`, "@");
  return { code, stdout: plain(written.stdout), stderr: plain(written.stderr) };
}

const json = async (...args: string[]) => {
  const { stdout, stderr } = await run([
    "diagnose",
    ...args,
    "--format",
    "json",
  ]);
  expect(stderr).toBe("");
  return JSON.parse(stdout) as Diagnosis;
};

describe("parallel-tools diagnose", () => {
  test("writes text, without colours where nobody looks", async () => {
    const { code, stdout, stderr } = await run([
      "diagnose",
      "@one.json",
      "--reads",
      "get",
    ]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(
      /^1 conversation, 2 calls in 2 turns\. 1 turn would/,
    );
    expect(stdout).toContain(
      "1. @one.json, line 1, column 2 (conversation 0), messages 1 to 3",
    );
    expect(stdout).not.toContain("\u001b");
  });

  test("colours for a terminal, unless it is asked not to", async () => {
    const args = ["diagnose", "@one.json", "--reads", "get"];
    const bold = "\u001b[1mWhat to change";
    expect((await run(args, { isTTY: true })).stdout).toContain(bold);
    expect((await run(args, { env: { FORCE_COLOR: "1" } })).stdout).toContain(
      bold,
    );
    for (const env of [
      { NO_COLOR: "1" },
      { FORCE_COLOR: "0", NO_COLOR: "1" },
    ]) {
      expect((await run(args, { isTTY: true, env })).stdout).not.toContain(
        "\u001b",
      );
    }
  });

  test("writes JSON that holds the diagnosis", async () => {
    expect(await json("@one.json", "--reads", "get")).toMatchObject({
      conversations: 1,
      turns: 2,
      turnsNeeded: 1,
      patterns: [{ text: "N x get", count: 1 }],
    });
  });

  test("writes HTML, also to a file", async () => {
    const output = path.join(folder, "out.html");
    const { code, stdout } = await run([
      "diagnose",
      "@one.json",
      "--reads",
      "get",
      "--format",
      "html",
      "--output",
      "@out.html",
    ]);
    expect([code, stdout]).toEqual([0, ""]);
    expect(readFileSync(output, "utf8")).toMatch(/^<!doctype html>/);
  });

  test("reads standard input, and several files", async () => {
    const { stdout } = await run(
      ["diagnose", "-", "@one.json", "--format", "json"],
      { stdin: JSON.stringify(conversation) },
    );
    expect(JSON.parse(stdout)).toMatchObject({ conversations: 2, turns: 4 });
  });

  test("takes names with commas, and an option more than once", async () => {
    const { unknownTools } = await json(
      "@one.json",
      "--reads",
      " get,list ,",
      "--reads",
      "sum",
    );
    expect(unknownTools).toEqual([]);
  });

  test("takes writers, policies and MCP annotations", async () => {
    const turnsWith = async (...args: string[]) =>
      (await json("@one.json", ...args)).turnsNeeded;
    file("policies.json", { get: { readOnly: true } });
    file(
      "policies.mjs",
      'export const policies = { get: { access: ({ of }) => [{ mode: "write", key: of }] } };',
    );
    file("default.mjs", "export default { get: { readOnly: true } };");
    file("list.json", {
      tools: [{ name: "get", annotations: { readOnlyHint: true } }],
    });
    file("rpc.json", {
      result: { tools: [{ name: "get", annotations: { readOnlyHint: true } }] },
    });
    expect(await turnsWith()).toBe(2);
    expect(await turnsWith("--policies", "@policies.json")).toBe(1);
    expect(await turnsWith("--policies", "@policies.mjs")).toBe(1);
    expect(await turnsWith("--policies", "@default.mjs")).toBe(1);
    expect(await turnsWith("--tools", "@list.json")).toBe(1);
    expect(await turnsWith("--tools", "@rpc.json")).toBe(1);
    expect(await turnsWith("--tools", "@rpc.json", "--writes", "get")).toBe(2);
  });

  test("shows values only if it is asked to", async () => {
    file("chain.json", [
      ...user("Look at all of alpha and beta"),
      ...turns(
        ["list", {}, "KEY-9901"],
        ["get", { id: "KEY-9901" }, ""],
        ["get", { of: "beta" }, ""],
      ),
    ]);
    const args = ["diagnose", "@chain.json", "--reads", "list,get"];
    expect((await run(args)).stdout).not.toContain("KEY-9901");
    expect((await run([...args, "--show-values"])).stdout).toContain(
      "KEY-9901",
    );
  });

  test.each([
    ["0", 1],
    ["1", 0],
    ["49.9%", 1],
    ["50%", 0],
  ])(
    "--fail-over %s ends with %i where 1 turn of 2 can be saved",
    async (limit, code) => {
      const result = await run([
        "diagnose",
        "@one.json",
        "--reads",
        "get",
        "--fail-over",
        limit,
      ]);
      expect(result.code).toBe(code);
      expect(result.stderr).toBe(
        code === 0
          ? ""
          : `parallel-tools: more than ${limit.replace("%", " % of the")}${limit.endsWith("%") ? "" : ""} turns can be saved (1 of 2).\n`,
      );
    },
  );

  test("shows ten findings as text and more on demand", async () => {
    file(
      "many.json",
      Array.from({ length: 12 }, () => conversation),
    );
    const args = ["diagnose", "@many.json", "--reads", "get"];
    expect((await run(args)).stdout).toContain("2 findings are not shown.");
    expect((await run([...args, "--max-findings", "12"])).stdout).not.toContain(
      "not shown",
    );
    expect((await json(...args.slice(1))).findings).toHaveLength(12);
  });
});

describe("the command says in a line what is wrong, and ends with 2, on", () => {
  const wrong = async (...args: string[]) => {
    const { code, stdout, stderr } = await run(args);
    expect([code, stdout]).toEqual([2, ""]);
    return stderr;
  };

  test.each([
    [
      ["@none.json"],
      "parallel-tools: @none.json: the file can't be read (ENOENT). Give the path of a file with recorded conversations, or - for standard input.\n",
    ],
    [
      ["@"],
      "parallel-tools: @: the file can't be read (EISDIR). Give the path of a file with recorded conversations, or - for standard input.\n",
    ],
    [
      ["@one.json", "--reads", "get", "--writes", "get"],
      "parallel-tools: Expected `writes` to be free of names in `reads`, got `get` (string)\n",
    ],
    [
      ["@one.json", "--policies", "@one.json"],
      "parallel-tools: Expected `policies` to be an object, got ",
    ],
    [
      ["@one.json", "--policies", "@none.json"],
      "parallel-tools: Expected `--policies` to be a file that can be read (ENOENT",
    ],
    [
      ["@one.json", "--policies", "@broken.mjs"],
      "parallel-tools: Expected `--policies` to be a file that can be read (",
    ],
    [
      ["@one.json", "--policies", "@nothing.mjs"],
      "parallel-tools: Expected `--policies` to be a JSON file of policies by tool name, or a module that exports `policies`, got `@nothing.mjs` (string)\n",
    ],
    [
      ["@one.json", "--policies", "@typo.json"],
      "parallel-tools: Expected `policies.get` to be an object with no fields but ",
    ],
    [
      ["@one.json", "--tools", "@typo.json"],
      "parallel-tools: Expected `--tools` to be a JSON file with a list of tools, or with a list as `tools`, got `@typo.json` (string)\n",
    ],
    [
      ["@one.json", "--tools", "@one.json"],
      "parallel-tools: Expected `tools` to be an array of tools with names, got ",
    ],
    [
      ["@one.json", "--output", "@no/such/folder.txt"],
      "parallel-tools: Expected `--output` to be a file that can be written (ENOENT",
    ],
    [
      ["@one.json", "--fail-over", "some"],
      "error: option '--fail-over <turns>' argument 'some' is invalid. Expected `--fail-over` to be a number of turns or a share of them, such as 10 or 5%, got `some` (string)\n",
    ],
    [
      ["@one.json", "--fail-over", "101%"],
      "error: option '--fail-over <turns>' argument '101%' is invalid.",
    ],
    [
      ["@one.json", "--max-findings", "-1"],
      "error: option '--max-findings <number>' argument '-1' is invalid. Expected a whole number.\n",
    ],
    [
      ["@one.json", "--format", "xml"],
      "error: option '--format <format>' argument 'xml' is invalid. Allowed choices are text, json, html.\n",
    ],
    [[], "error: missing required argument 'files'\n"],
  ])("diagnose %j", async (args, expected) => {
    file("broken.mjs", "export const = 1;");
    file("nothing.mjs", "export const other = 1;");
    file("typo.json", { get: { readonly: true } });
    expect(await wrong("diagnose", ...args)).toContain(expected);
  });

  test("a command that doesn't exist", async () => {
    expect(await wrong("undo")).toContain("error: unknown command 'undo'");
  });

  test("no command at all, where it shows what there is", async () => {
    expect(await wrong()).toContain("Usage: parallel-tools");
  });
});

test("the command's help is no error", async () => {
  const { code, stdout } = await run(["diagnose", "--help"]);
  expect(code).toBe(0);
  expect(stdout).toContain(
    "Usage: parallel-tools diagnose [options] <files...>",
  );
  expect(stdout).toContain(
    "A tool of which nothing is said counts as a writer",
  );
});
