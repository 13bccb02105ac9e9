import type { Fault } from "./fault.js";
import type { FaultSite } from "./fault-site.js";
import { isInstant } from "./is-instant.js";
import { isWrong } from "./is-wrong.js";
import { judgeRun, type Verdict } from "./judge-run.js";
import type { DriveCommand, HostName } from "./protocol.js";
import { runScenario, type ScenarioRun } from "./run-scenario.js";
import { scenarioOf } from "./scenario.js";

export interface Campaign {
  readonly hosts: readonly HostName[];
  /** Beside `none`, of which there is one run for each pace of the tools. */
  readonly faults: readonly Exclude<Fault, "none">[];
  /** Runs of each fault on each host, each with a seed of its own. */
  readonly seeds: number;
  /** @default 1 */
  readonly firstSeed?: number;
  readonly durability: DriveCommand["durability"];
  /** Threads that are worked on at once. */
  readonly lanes: number;
  /** Ends it early, with what has been counted. */
  readonly signal?: AbortSignal;
  /** Told of each run in which something has gone wrong. */
  readonly onWrong?: (
    row: CampaignRow & { readonly seed: number },
    run: ScenarioRun,
  ) => void;
}

/** All runs of one fault on one host. */
export interface CampaignRow extends Verdict {
  readonly host: HostName;
  readonly fault: Fault;
  readonly runs: number;
}

/** A fault that comes after the last step is drawn again, at most so often. */
const DRAWS = 20;

/** Tools take different times in so many ways. */
const PACES = 20;

/** Runs each fault on each host with each seed. */
export async function runCampaign(
  site: FaultSite,
  campaign: Campaign,
): Promise<CampaignRow[]> {
  const rows = new Map<string, CampaignRow>();
  const calm = new Map<string, Promise<ScenarioRun>>();
  const { firstSeed = 1 } = campaign;
  const work = Array.from({ length: campaign.seeds }, (_, index) =>
    campaign.hosts.map((host) => ({ host, seed: firstSeed + index })),
  ).flat();
  const { durability } = campaign;
  const calmRun = async (host: HostName, toolSeed: number) => {
    const run = await runScenario(site, {
      host,
      fault: "none",
      durability,
      seed: toolSeed,
    });
    note({ host, fault: "none" }, toolSeed, run, run.messages);
    return run;
  };
  const note = (
    which: Pick<CampaignRow, "host" | "fault">,
    seed: number,
    run: ScenarioRun,
    expected: readonly string[],
  ) => {
    const verdict = judgeRun(scenarioOf(which.host), run, expected);
    const row = { ...which, runs: 1, ...verdict };
    add(rows, row);
    if (isWrong(row)) campaign.onWrong?.({ ...row, seed }, run);
  };
  const lane = async () => {
    for (let job = next(); job !== undefined; job = next()) {
      const { host, seed } = job;
      const toolSeed = seed % PACES;
      const key = `${host} ${toolSeed}`;
      const expected = calm.get(key) ?? calmRun(host, toolSeed);
      calm.set(key, expected);
      const { events, messages } = await expected;
      const instants = events.filter(isInstant).length;
      for (const fault of campaign.faults) {
        const run = await untilStruck((draw) =>
          runScenario(site, {
            host,
            fault,
            durability,
            instants,
            toolSeed,
            seed: seed + draw * 1_000_003,
          }),
        );
        note({ host, fault }, seed, run, messages);
      }
    }
  };
  const next = () =>
    campaign.signal?.aborted === true ? undefined : work.shift();
  await Promise.all(Array.from({ length: campaign.lanes }, lane));
  return (["none", ...campaign.faults] as const).flatMap((fault) =>
    campaign.hosts.flatMap((host) => rows.get(`${fault} ${host}`) ?? []),
  );
}

async function untilStruck(
  run: (draw: number) => Promise<ScenarioRun>,
): Promise<ScenarioRun> {
  for (let draw = 0; draw < DRAWS; draw += 1) {
    const one = await run(draw);
    if (one.hasStruck) return one;
  }
  throw new Error(`Of ${DRAWS} faults none came in time`);
}

function add(rows: Map<string, CampaignRow>, row: CampaignRow): void {
  const key = `${row.fault} ${row.host}`;
  const sum = rows.get(key);
  rows.set(
    key,
    sum === undefined
      ? row
      : {
          host: row.host,
          fault: row.fault,
          runs: sum.runs + row.runs,
          lost: sum.lost + row.lost,
          finishedAgain: sum.finishedAgain + row.finishedAgain,
          cutAgain: sum.cutAgain + row.cutAgain,
          effectAgain: sum.effectAgain + row.effectAgain,
          wrongOrders: sum.wrongOrders + row.wrongOrders,
          otherMessages: sum.otherMessages + row.otherMessages,
        },
  );
}
