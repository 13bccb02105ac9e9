import { randomUUID } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import { Pool } from "pg";
import { openPostgres } from "../../support/postgres-server.js";
import { AgentProcess } from "./agent-process.js";
import { buildPrograms } from "./build-programs.js";
import { Ledger } from "./ledger.js";

/** Processes that are started before they are needed. */
const SPARE = 2;

/** A server, the ledger, and a supply of processes that run agents. */
export class FaultSite {
  readonly ledger: Ledger;
  readonly #pool: Pool;
  readonly #schema: string;
  readonly #start: () => AgentProcess;
  readonly #close: () => Promise<void>;
  readonly #spare: AgentProcess[] = [];
  readonly #all = new Set<AgentProcess>();

  private constructor(
    ledger: Ledger,
    pool: Pool,
    schema: string,
    start: () => AgentProcess,
    close: () => Promise<void>,
  ) {
    this.ledger = ledger;
    this.#pool = pool;
    this.#schema = schema;
    this.#start = start;
    this.#close = close;
    this.#refill();
  }

  static async open(): Promise<FaultSite> {
    const folder = await mkdtemp(path.join(tmpdir(), "faults-"));
    await chmod(folder, 0o700);
    const programs = await buildPrograms(folder);
    const postgres = await openPostgres();
    const schema = `faults_${randomUUID().replaceAll("-", "")}`;
    const pool = new Pool({ connectionString: postgres.url, max: 2 });
    await new PostgresSaver(pool, undefined, { schema }).setup();
    const ledger = await Ledger.start(programs.ledger, folder);
    let count = 0;
    const start = () => {
      count += 1;
      const args = [postgres.url, schema, ledger.socket];
      return new AgentProcess(programs.agent, args, `${schema}_${count}`);
    };
    return new FaultSite(ledger, pool, schema, start, async () => {
      await ledger.stop();
      await pool.end();
      await postgres.close();
      await rm(folder, { recursive: true, force: true });
    });
  }

  /** A process that has nothing of those before it. */
  async take(): Promise<AgentProcess> {
    const process = this.#spare.shift() ?? this.#started();
    this.#refill();
    await process.ready();
    return process;
  }

  /** For another thread: it knows nothing of that one. */
  giveBack(process: AgentProcess): void {
    if (!process.isKilled) this.#spare.unshift(process);
  }

  /**
   * Kills a process, and waits until nothing of it is left: a word to the
   * ledger, or a transaction that the server still completes.
   */
  async kill(process: AgentProcess): Promise<void> {
    await process.kill();
    this.#all.delete(process);
    await this.ledger.hasHeardAllOf(process.name);
    for (;;) {
      const { rowCount } = await this.#pool.query(
        "select 1 from pg_stat_activity where application_name = $1",
        [process.name],
      );
      if (rowCount === 0) return;
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#all].map((process) => process.kill()));
    await this.#pool.query(`drop schema ${this.#schema} cascade`);
    await this.#close();
  }

  #refill(): void {
    while (this.#spare.length < SPARE) this.#spare.push(this.#started());
  }

  #started(): AgentProcess {
    const process = this.#start();
    this.#all.add(process);
    return process;
  }
}
