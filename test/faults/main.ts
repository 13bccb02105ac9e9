// Counts what becomes of tool calls when things go wrong, on the stock node and
// on ours: npm run faults -- [--runs N] [--first SEED] [--hosts A,B]
// [--faults A,B] [--durability async] [--lanes N] [--log FILE]. Exits with 1 if
// ours breaks a promise.
import { appendFileSync } from "node:fs";
import process from "node:process";
import { parseArgs } from "node:util";
import { printTable } from "../../bench/support/print-table.js";
import { hasPostgres } from "../support/postgres-server.js";
import type { Fault } from "./support/fault.js";
import { FaultSite } from "./support/fault-site.js";
import { isWrong } from "./support/is-wrong.js";
import { type DriveCommand, type HostName, OURS } from "./support/protocol.js";
import { runCampaign } from "./support/run-campaign.js";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "200" },
    first: { type: "string", default: "1" },
    lanes: { type: "string", default: "3" },
    durability: { type: "string", default: "sync" },
    hosts: {
      type: "string",
      default:
        "ToolNode,ParallelToolNode,createAgent,middleware,approvals,deepagents",
    },
    faults: { type: "string", default: "kill,abort,hang" },
    log: { type: "string" },
  },
});
if (!hasPostgres) throw new Error("There is no Postgres to test with");

const COLUMNS = [
  "fault",
  "host",
  "runs",
  "lost",
  "finished, run again",
  "under way, run again",
  "effect repeated",
  "wrong orders",
  "other messages",
];

// Ctrl-C: prints what has been counted so far.
const interrupted = new AbortController();
process.once("SIGINT", () => interrupted.abort());

const started = performance.now();
const site = await FaultSite.open();
try {
  const rows = await runCampaign(site, {
    hosts: values.hosts.split(",") as HostName[],
    faults: values.faults.split(",") as Exclude<Fault, "none">[],
    seeds: Number(values.runs),
    firstSeed: Number(values.first),
    durability: values.durability as DriveCommand["durability"],
    lanes: Number(values.lanes),
    signal: interrupted.signal,
    onWrong: (row, { events }) => {
      const { log } = values;
      if (log === undefined) return;
      const lines = events.map(({ kind, call = "" }) => `${kind} ${call}`);
      appendFileSync(log, `${JSON.stringify(row)}\n  ${lines.join(", ")}\n`);
    },
  });
  printTable(
    `durability "${values.durability}", 8 calls in each run, 9 with deepagents`,
    COLUMNS,
    rows.map((row) =>
      [
        row.fault,
        row.host,
        row.runs,
        row.lost,
        row.finishedAgain,
        row.cutAgain,
        row.effectAgain,
        row.wrongOrders,
        row.otherMessages,
      ].map(String),
    ),
  );
  console.log(`\n${Math.round((performance.now() - started) / 1000)} s`);
  const ours = rows.filter(({ host }) => OURS.includes(host));
  if (values.durability === "sync" && ours.some(isWrong)) {
    console.error("A promise is broken.");
    process.exitCode = 1;
  }
} finally {
  await site.close();
}
