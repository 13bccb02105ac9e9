import type { BaseCheckpointSaver } from "@langchain/langgraph";

/** A package that not every machine can install: its driver is compiled. */
const PACKAGE = "@langchain/langgraph-checkpoint-sqlite";

/** A checkpointer in memory of SQLite. `undefined`: it is not installed. */
export async function openSqlite(): Promise<BaseCheckpointSaver | undefined> {
  try {
    const name: string = PACKAGE;
    const { SqliteSaver } = (await import(name)) as {
      SqliteSaver: { fromConnString(path: string): BaseCheckpointSaver };
    };
    return SqliteSaver.fromConnString(":memory:");
  } catch {
    return undefined;
  }
}
