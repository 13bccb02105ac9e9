import { randomUUID } from "node:crypto";
import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasPostgres, openPostgres } from "../support/postgres-server.js";
import { openSqlite } from "./host/open-sqlite.js";
import { resultText } from "./print-world.js";
import { runWorlds } from "./run-worlds.js";

const SEED = 20_262;

const sqlite = await openSqlite();
// oxlint-disable-next-line no-console -- a skip has to be seen
console.warn(
  sqlite
    ? "Random worlds are played with a checkpointer in SQLite, too."
    : "The driver of SQLite is not installed: no random worlds with it.",
);

async function differencesOf(
  count: number,
  saver: NonNullable<Parameters<typeof runWorlds>[0]["play"]>["saver"],
): Promise<string[]> {
  let left = 0;
  const wrong = await runWorlds({
    seed: SEED,
    first: 0,
    count,
    lanes: 8,
    play: { saver },
    // With these savers, LangGraph edits the newest state, also at an old place.
    isPlayed: ({ human }) => {
      const isForkByEdit = human.forks.includes("edit");
      if (isForkByEdit) left += 1;
      return !isForkByEdit;
    },
  });
  // oxlint-disable-next-line no-console -- a skip has to be seen
  console.warn(`${left} of ${count} worlds fork by an edit and aren't played.`);
  return wrong.map((result) => resultText(result));
}

describe.skipIf(!hasPostgres)("random worlds, kept in Postgres,", () => {
  const schema = `worlds_${randomUUID().replaceAll("-", "")}`;
  let pool: Pool;
  let close: () => Promise<void>;
  let saver: PostgresSaver;
  beforeAll(async () => {
    const postgres = await openPostgres();
    pool = new Pool({ connectionString: postgres.url });
    saver = new PostgresSaver(pool, undefined, { schema });
    await saver.setup();
    close = async () => {
      await pool.query(`drop schema ${schema} cascade`);
      await pool.end();
      await postgres.close();
    };
  }, 60_000);
  afterAll(() => close(), 60_000);

  test("do what the rules say", { timeout: 300_000 }, async () => {
    expect(await differencesOf(200, saver)).toEqual([]);
  });
});

describe.skipIf(!sqlite)("random worlds, kept in SQLite,", () => {
  test("do what the rules say", { timeout: 300_000 }, async () => {
    expect(await differencesOf(100, sqlite)).toEqual([]);
  });
});
