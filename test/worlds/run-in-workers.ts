import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Campaign } from "./run-worlds.js";
import type { Verdict } from "./worker.js";

export interface WorkersCampaign extends Omit<Campaign, "onResult" | "play"> {
  readonly workers: number;
  readonly onVerdict: (verdict: Verdict) => void;
}

const PROGRAM = fileURLToPath(new URL("./worker.ts", import.meta.url));

/** Each process plays one part of the worlds. */
export async function runInWorkers({
  workers,
  onVerdict,
  ...campaign
}: WorkersCampaign): Promise<void> {
  const { first, count } = campaign;
  const end = first + count;
  const size = Math.ceil(count / workers);
  const parts = Array.from({ length: workers }, (_, place) => {
    const start = first + place * size;
    return { ...campaign, first: start, count: Math.min(size, end - start) };
  });
  await Promise.all(
    parts
      .filter((part) => part.count > 0)
      .map(async (part) => {
        const worker = fork(PROGRAM);
        worker.on("message", (verdict) => onVerdict(verdict as Verdict));
        worker.send(part);
        await once(worker, "exit");
      }),
  );
}
