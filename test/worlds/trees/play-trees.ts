import { runInWorkers } from "../run-in-workers.js";
import {
  type LimitsPlace,
  playTreeNumber,
  treeOf,
} from "./play-tree-number.js";
import type { TreeCampaign, TreeVerdict } from "./worker.js";

const WORKER = new URL("./worker.ts", import.meta.url);

/** Plays random trees of calls and prints those that break a rule. */
export async function playTrees(
  campaign: TreeCampaign,
  workers: number,
): Promise<boolean> {
  const { seed, count, place } = campaign;
  console.log(`${count} trees of seed ${seed}, limits in a ${place}`);
  const started = performance.now();
  let done = 0;
  let wrong = 0;
  let lent = 0;
  let requests = 0;
  await runInWorkers<TreeCampaign, TreeVerdict>(campaign, {
    program: WORKER,
    workers,
    onVerdict: (verdict) => {
      done += 1;
      lent += verdict.lent;
      requests += verdict.requests;
      if (verdict.faults.length > 0) {
        wrong += 1;
        console.log(
          `tree ${verdict.number} of seed ${seed}: ${verdict.faults.join("; ")}`,
        );
      }
      if (done % 1_000 === 0) console.log(`${done} done, ${wrong} wrong`);
    },
  });
  const seconds = (performance.now() - started) / 1_000;
  console.log(
    `${wrong} wrong in ${done} trees of seed ${seed}, ${requests} requests to models, ${lent} slots lent, ${seconds.toFixed(1)} s`,
  );
  return wrong === 0 && done === count;
}

/** Plays one tree and prints it, when its calls ran, and what was wrong. */
export async function playOneTree(
  seed: number,
  number: number,
  place: LimitsPlace,
): Promise<boolean> {
  const { limits } = treeOf(seed, number);
  limits.forEach((limit, i) =>
    console.log(`limit ${i}: ${JSON.stringify(limit)}`),
  );
  const { played, faults } = await playTreeNumber(seed, number, place);
  for (const { name, call, startAt, endAt = "?" } of played) {
    const steps = call.steps.map((step) =>
      "workMs" in step ? `${step.workMs} ms` : `${step.batches.length} inside`,
    );
    console.log(
      `${startAt}-${endAt} ${name}${call.request ? ` (${call.request} of a model)` : ""}, limits [${call.limits.join(" ")}], cost ${call.cost}: ${steps.join(", ")}`,
    );
  }
  for (const fault of faults) console.log(fault);
  console.log(`${faults.length} faults in tree ${number} of seed ${seed}`);
  return faults.length === 0;
}
