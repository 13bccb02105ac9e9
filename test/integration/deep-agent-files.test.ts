import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { isToolMessage } from "@langchain/core/messages";
import { InMemoryStore } from "@langchain/langgraph";
import {
  type AnyBackendProtocol,
  CompositeBackend,
  createDeepAgent,
  FilesystemBackend,
  StateBackend,
  StoreBackend,
} from "deepagents";
import { type ParallelToolNodeOptions, read, write } from "parallel-tools-node";
import { parallelToolsMiddleware } from "parallel-tools-node/middleware";
import { afterAll, describe, expect, it } from "vitest";
import { GO, type HostedAgent } from "../support/agent-hosts.js";
import { LoggedModel } from "../support/logged-model.js";
import { callOf } from "../support/messages.js";

const folder = mkdtempSync(path.join(tmpdir(), "deep-agent-files-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface OneFile {
  readonly file_path: string;
}

const writes = { access: ({ file_path }: OneFile) => [write(file_path)] };
const ACCESS: ParallelToolNodeOptions = {
  policies: {
    write_file: writes,
    edit_file: writes,
    read_file: { access: ({ file_path }: OneFile) => [read(file_path)] },
  },
};
const REPLAN: ParallelToolNodeOptions = {
  policies: {
    write_file: { sequential: "replan" },
    edit_file: { sequential: "replan" },
  },
};

const stored = () => new StoreBackend({ namespace: ["files"] });
const inState = () => new StateBackend();
const KEPT_AT_ONCE: [string, () => AnyBackendProtocol][] = [
  [
    "FilesystemBackend",
    () => new FilesystemBackend({ rootDir: folder, virtualMode: true }),
  ],
  ["StoreBackend", stored],
  [
    "CompositeBackend that leads to a StoreBackend",
    () => new CompositeBackend(inState(), { "/notes/": stored() }),
  ],
];
const KEPT_IN_STATE: [string, (() => AnyBackendProtocol) | undefined][] = [
  ["backend that an agent has by default", undefined],
  ["StateBackend", inState],
  [
    "CompositeBackend that leads to a StateBackend",
    () => new CompositeBackend(stored(), { "/notes/": inState() }),
  ],
];

const file_path = "/notes/list.txt";
const edit = (id: string, old_string: string, new_string: string) =>
  callOf(id, "edit_file", { file_path, old_string, new_string });
const one = edit("one", "one", "1");
const two = edit("two", "two", "2");
const look = callOf("look", "read_file", { file_path });

/** What a file of "one two" holds after both edits; they are one message at first. */
async function editTwice(
  backend: (() => AnyBackendProtocol) | undefined,
  options: ParallelToolNodeOptions | "stock",
  again: readonly (typeof one)[] = [],
) {
  const turns = [
    [callOf("write", "write_file", { file_path, content: "one two" })],
    [one, two],
    ...again.map((call) => [call]),
    [look],
  ];
  const agent = createDeepAgent({
    model: new LoggedModel("model", turns, []),
    ...(backend && { backend: backend() }),
    store: new InMemoryStore(),
    middleware: options === "stock" ? [] : [parallelToolsMiddleware(options)],
  } as never) as unknown as HostedAgent;
  const { messages } = await agent.invoke(GO);
  const answers = messages.filter((message) => isToolMessage(message));
  const textOf = (call: typeof one) =>
    answers.find(({ tool_call_id }) => tool_call_id === call.id)?.text;
  return {
    file: textOf(look)?.split("\n").at(-1),
    two: textOf(two),
  };
}

describe.each(KEPT_AT_ONCE)("in a %s", (_, backend) => {
  it("two edits of one file in one message are both kept with access", async () => {
    expect((await editTwice(backend, ACCESS)).file).toContain("1 2");
  });
});

it("in a StoreBackend one of two edits of a file is lost without us", async () => {
  expect((await editTwice(stored, "stock")).file).not.toContain("1 2");
});

describe.each(KEPT_IN_STATE)("in a %s", (_, backend) => {
  it("one of two edits of a file is lost, although access puts them in order", async () => {
    const { file, two: answer } = await editTwice(backend, ACCESS);
    expect(answer).toContain("Successfully replaced");
    expect(file).not.toContain("1 2");
  });

  it("none is lost with replan, since the model asks again for the second", async () => {
    const again = edit("two again", "two", "2");
    const { file, two: answer } = await editTwice(backend, REPLAN, [again]);
    expect(answer).toContain("Not run");
    expect(file).toContain("1 2");
  });
});
