// A process that runs agents: node PROGRAM POSTGRES_URL SCHEMA SOCKET NAME
// It takes an AgentCommand at a time, and answers with an AgentReply.
import { setMaxListeners } from "node:events";
import process from "node:process";
import {
  AIMessage,
  type BaseMessage,
  HumanMessage,
} from "@langchain/core/messages";
import { Command } from "@langchain/langgraph";
import { Pool } from "pg";
import { createHost } from "./create-host.js";
import { effectTools } from "./effect-tools.js";
import { LedgerClient } from "./ledger-client.js";
import type { AgentCommand, AgentReply, DriveCommand } from "./protocol.js";
import { EDITED_WHO } from "./scenario.js";
import { WatchedSaver } from "./watched-saver.js";

const [url = "", schema = "", socket = "", name = ""] = process.argv.slice(2);
const pool = new Pool({ connectionString: url, application_name: name });
// Connections that are there at the first command, as in a server.
await Promise.all([1, 2, 3].map(() => pool.query("select 1")));
const ledger = await LedgerClient.open(socket, name);
const MAX_STEPS = 10;

// All calls of a message listen to one signal, on each host.
setMaxListeners(100);
let current = new AbortController();

process.on("message", (command: AgentCommand) => {
  if (command.do === "abort") current.abort(new Error("The user left."));
  else void drive(command).then((reply) => process.send?.(reply));
});
process.on("disconnect", () => process.exit());
process.send?.({ ready: true });

async function drive(command: DriveCommand): Promise<AgentReply> {
  current = new AbortController();
  const { signal } = current;
  const saver = new WatchedSaver(pool, undefined, { schema });
  saver.ledger = ledger;
  const host = createHost(command.host, effectTools(command, ledger), saver);
  const configurable = { thread_id: command.thread };
  const config = { configurable, signal, durability: command.durability };
  try {
    await ledger.tell({ thread: command.thread, kind: "drive" });
    for (let step = 0; step < MAX_STEPS; step += 1) {
      const { values, tasks } = await host.getState({ configurable });
      const { messages = [] } = values as { messages?: BaseMessage[] };
      const ids = tasks.flatMap(({ interrupts }) =>
        interrupts.map(({ id, value }) => [String(id), answerTo(value)]),
      );
      if (ids.length > 0) {
        if (!command.answers) return { is: "asking" };
        const resume = Object.fromEntries(ids) as Record<string, unknown>;
        await host.invoke(new Command({ resume }), config);
      } else if (isEnd(messages.at(-1))) {
        return { is: "done", messages: messages.map(describe) };
      } else if (messages.length > 0) {
        // `next` is no help: it is empty where a step has ended and the next
        // has not begun.
        await host.invoke(null, config);
      } else {
        const message = new HumanMessage({ id: "human", content: "Go." });
        await host.invoke({ messages: [message] }, config);
      }
    }
    throw new Error(`It makes no progress in ${MAX_STEPS} steps`);
  } catch (error) {
    if (signal.aborted) return { is: "aborted" };
    return { is: "failed", error: String((error as Error)?.stack ?? error) };
  }
}

/** Says yes; about some calls after having changed what they say to whom. */
function answerTo(question: unknown): unknown {
  const { actionRequests } = (question ?? {}) as {
    actionRequests?: readonly { name: string; args: object }[];
  };
  if (actionRequests === undefined) return "yes";
  const decisions = actionRequests.map(({ name, args }) =>
    name === "tell"
      ? {
          type: "edit",
          editedAction: { name, args: { ...args, who: EDITED_WHO } },
        }
      : { type: "approve" },
  );
  return { decisions };
}

function isEnd(message: BaseMessage | undefined): boolean {
  return AIMessage.isInstance(message) && !message.tool_calls?.length;
}

/** All that says what a message means; tool messages have ids made at random. */
function describe(message: BaseMessage): string {
  const {
    tool_call_id: call,
    status,
    tool_calls: calls,
  } = message as never as {
    tool_call_id?: string;
    status?: string;
    tool_calls?: object[];
  };
  const of = call === undefined ? "" : ` ${call} ${status ?? "success"}`;
  const asked = calls?.length ? ` ${JSON.stringify(calls)}` : "";
  return `${message.getType()}${of}: ${message.text}${asked}`;
}
