import { isBaseMessage, type ToolMessage } from "@langchain/core/messages";
import type { BaseCheckpointSaver } from "@langchain/langgraph";
import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import type { LedgerClient } from "./ledger-client.js";
import type { LedgerEvent } from "./protocol.js";

/** Tells the ledger which answers it has kept, and which it hands out. */
export class WatchedSaver extends PostgresSaver {
  /** Set once, before it is used. */
  ledger: LedgerClient | undefined;

  override async getTuple(
    ...args: Parameters<BaseCheckpointSaver["getTuple"]>
  ): ReturnType<BaseCheckpointSaver["getTuple"]> {
    const tuple = await super.getTuple(...args);
    if (tuple === undefined) return tuple;
    const { channel_values: values } = tuple.checkpoint;
    const written = (tuple.pendingWrites ?? []).map(([, , value]) => value);
    const thread = threadOf(args[0]);
    await this.#tell(thread, "found", [values["messages"], ...written]);
    return tuple;
  }

  override async putWrites(
    ...args: Parameters<PostgresSaver["putWrites"]>
  ): Promise<void> {
    await super.putWrites(...args);
    const [config, writes] = args;
    const values = writes.map(([, value]) => value);
    await this.#tell(threadOf(config), "saved", values);
  }

  override async put(
    ...args: Parameters<PostgresSaver["put"]>
  ): ReturnType<PostgresSaver["put"]> {
    const config = await super.put(...args);
    const thread = threadOf(args[0]);
    await this.ledger?.tell({ thread, kind: "checkpoint" });
    return config;
  }

  async #tell(
    thread: string,
    kind: LedgerEvent["kind"],
    values: readonly unknown[],
  ): Promise<void> {
    const calls = values.flatMap((value) => answeredCalls(value));
    await Promise.all(
      calls.map(async (call) => this.ledger?.tell({ thread, kind, call })),
    );
  }
}

function threadOf({
  configurable,
}: {
  configurable?: Record<string, unknown>;
}): string {
  return String(configurable?.["thread_id"]);
}

/** The ids of the calls that are answered in what a task has written. */
function answeredCalls(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap((one) => answeredCalls(one));
  if (isBaseMessage(value)) {
    return value.getType() === "tool"
      ? [(value as ToolMessage).tool_call_id]
      : [];
  }
  const messages = (value as { messages?: unknown } | null)?.messages;
  return messages === undefined ? [] : answeredCalls(messages);
}
