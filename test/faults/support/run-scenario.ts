import { setTimeout as sleep } from "node:timers/promises";
import { SeededRandom } from "../../../bench/support/seeded-random.js";
import type { AgentProcess } from "./agent-process.js";
import type { Fault } from "./fault.js";
import type { FaultSite } from "./fault-site.js";
import { isInstant } from "./is-instant.js";
import type { DriveCommand, HostName, LedgerEvent } from "./protocol.js";
import { scenarioOf } from "./scenario.js";

/** How long the tools that don't hang are given, with a hanging one beside. */
const HANG_LIMIT_MS = 120;

export interface ScenarioOptions {
  readonly host: HostName;
  readonly fault: Fault;
  /** Decides when the fault comes. */
  readonly seed: number;
  /** Decides how long the tools take. Default: `seed`. */
  readonly toolSeed?: number;
  readonly durability: DriveCommand["durability"];
  /** Events of the same run without a fault: where one may happen. */
  readonly instants?: number;
}

export interface ScenarioRun {
  readonly events: readonly LedgerEvent[];
  readonly messages: readonly string[];
  /** The fault came while the thread was being worked on. */
  readonly hasStruck: boolean;
}

let threads = 0;

/**
 * Takes a thread from its first message to its last: up to the question that it
 * asks in one process, on from the answer in another. A fault strikes once, at
 * an instant that follows from the seed: up to 6 ms after the ledger has noted
 * so many events.
 */
export async function runScenario(
  site: FaultSite,
  options: ScenarioOptions,
): Promise<ScenarioRun> {
  const { host, fault, seed, durability, instants = 1 } = options;
  const { toolSeed = seed } = options;
  threads += 1;
  const thread = `${host}-${fault}-${seed}-${threads}`;
  const random = new SeededRandom(seed);
  const at = random.integer(0, instants - 1);
  const delayMs = random.integer(0, 6);
  const { ids } = scenarioOf(host);
  let hanging =
    fault === "hang" ? ids[random.integer(0, ids.length - 1)] : undefined;
  let working: AgentProcess | undefined;
  let isDue = false;
  let isSent = false;
  let hasStruck = false;
  let killed: Promise<void> | undefined;

  const strike = () => {
    isDue = true;
    if (isSent || working === undefined) return;
    isSent = true;
    if (fault === "kill") killed = site.kill(working);
    else working.abort();
  };
  let noted = 0;
  const onEvent = (event: LedgerEvent | undefined) => {
    if (event !== undefined && event.thread !== thread) return;
    if (fault === "hang") {
      if (event?.kind === "start" && event.call === hanging && !isSent) {
        void sleep(HANG_LIMIT_MS).then(strike);
      }
    } else if (fault !== "none" && (!event || isInstant(event))) {
      if (noted === at) void sleep(delayMs).then(strike);
      noted += 1;
    }
  };
  site.ledger.listeners.add(onEvent);

  onEvent(undefined);
  let messages: readonly string[] | undefined;
  for (const answers of [false, true]) {
    let agent = await site.take();
    for (;;) {
      const reply = agent.drive({
        do: "drive",
        host,
        thread,
        durability,
        answers,
        hanging,
        seed: toolSeed,
      });
      working = agent;
      // It was due while nobody worked on the thread.
      if (isDue) strike();
      const ended = await reply;
      working = undefined;
      // An abort that came too late for this one: the next gets it.
      isSent &&= ended === "killed" || ended.is === "aborted";
      if (ended === "killed") {
        hasStruck = true;
        await killed;
        agent = await site.take();
      } else if (ended.is === "aborted") {
        hasStruck = true;
        hanging = undefined;
      } else {
        if (ended.is === "done") messages = ended.messages;
        break;
      }
    }
    await killed;
    site.giveBack(agent);
    if (messages !== undefined) break;
  }
  site.ledger.listeners.delete(onEvent);
  if (messages === undefined) throw new Error(`${thread} has not ended`);
  const events = site.ledger.eventsOf(thread);
  return { events, messages, hasStruck };
}
