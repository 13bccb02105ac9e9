// An agent of deepagents edits one file twice in one message. With files on a disk
// or in a store, `access` keeps both edits. By default an agent has its files in the
// graph's state, where a call sees what another one wrote only in the next step:
// there `sequential: "replan"` lets one write through, and the model asks again.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { isAIMessage, isToolMessage } from "@langchain/core/messages";
import { createDeepAgent, FilesystemBackend } from "deepagents";
import { read, write } from "parallel-tools-node";
import {
  parallelToolsMiddleware,
  type ParallelToolsMiddlewareOptions,
} from "parallel-tools-node/middleware";
import { type ScriptedCall, startModelServer } from "./shared/model-server.js";
import { printConversation } from "./shared/print-conversation.js";

interface OneFile {
  readonly file_path: string;
}

const writesFile = { access: ({ file_path }: OneFile) => [write(file_path)] };
const readsFile = { access: ({ file_path }: OneFile) => [read(file_path)] };
const inOrder: ParallelToolsMiddlewareOptions = {
  policies: {
    write_file: writesFile,
    edit_file: writesFile,
    read_file: readsFile,
  },
};
const oneWritePerMessage: ParallelToolsMiddlewareOptions = {
  policies: {
    write_file: { sequential: "replan" },
    edit_file: { sequential: "replan" },
  },
};

const list = "/list.txt";
const edit = (old_string: string, new_string: string): ScriptedCall => ({
  name: "edit_file",
  args: { file_path: list, old_string, new_string },
});
const readFile = (file_path: string): ScriptedCall => ({
  name: "read_file",
  args: { file_path },
});

const question = "Tick off tea and bread.";
const server = await startModelServer({
  [question]: (turn, answers) => {
    const ticks = [edit("[ ] tea", "[x] tea"), edit("[ ] bread", "[x] bread")];
    if (turn === 0) {
      return [
        {
          name: "write_file",
          args: { file_path: list, content: "[ ] tea, [ ] bread" },
        },
      ];
    }
    if (turn === 1) return [readFile(list), ...ticks];
    // As a model does that is told so: it asks again for what was not run.
    if (answers.at(-1)?.startsWith("Not run") === true) return ticks.slice(1);
    if (answers.at(-1)?.includes("[") !== true) return [readFile(list)];
    return "Both are ticked off.";
  },
});

const rootDir = await mkdtemp(path.join(tmpdir(), "deep-agent-files-"));
const onDisk = new FilesystemBackend({ rootDir, virtualMode: true });

const disk = createDeepAgent({
  model: server.llm,
  backend: onDisk,
  middleware: [parallelToolsMiddleware(inOrder)],
});
await show("on a disk", disk);

const state = createDeepAgent({
  model: server.llm,
  middleware: [parallelToolsMiddleware(oneWritePerMessage)],
});
await show("in the graph's state", state);

await rm(rootDir, { recursive: true });
await server.stop();

async function show(where: string, agent: typeof state): Promise<void> {
  const { messages } = await agent.invoke({
    messages: [{ role: "user", content: question }],
  });
  printConversation(messages);
  const file = messages.findLast((message) => isToolMessage(message))?.text;
  const turns = messages.filter((message) => isAIMessage(message)).length;
  const content = file?.split("\n").at(-1);
  console.log(`${where}: ${content}, after ${turns} model turns\n`);
}
