import { randomUUID } from "node:crypto";
import { type BaseCheckpointSaver, MemorySaver } from "@langchain/langgraph";
import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import { Pool } from "pg";
import {
  hasPostgres,
  openPostgres,
} from "../../../test/support/postgres-server.js";

/** A checkpointer that is ready, and how to leave nothing of it. */
export interface OpenCheckpointer {
  readonly saver: BaseCheckpointSaver;
  readonly close: () => Promise<void>;
}

export function openMemory(): Promise<OpenCheckpointer> {
  const close = () => Promise.resolve();
  return Promise.resolve({ saver: new MemorySaver(), close });
}

/**
 * One in a schema of its own, on the server of `POSTGRES_URL` or on one that is
 * started for the purpose, with as many connections as `pg` opens by default.
 *
 * @returns `undefined` where there is no server to be had
 */
export async function openPostgresSaver(): Promise<
  OpenCheckpointer | undefined
> {
  if (!hasPostgres) return undefined;
  const postgres = await openPostgres();
  const schema = `bench_${randomUUID().replaceAll("-", "")}`;
  const pool = new Pool({ connectionString: postgres.url });
  const saver = new PostgresSaver(pool, undefined, { schema });
  await saver.setup();
  return {
    saver,
    close: async () => {
      await pool.query(`DROP SCHEMA "${schema}" CASCADE`);
      await pool.end();
      await postgres.close();
    },
  };
}
