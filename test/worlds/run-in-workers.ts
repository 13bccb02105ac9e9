import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** What is numbered, and which of it is played. */
export interface Numbers {
  /** The number of the first one. */
  readonly first: number;
  readonly count: number;
}

export interface WorkersOptions<Verdict> {
  /** The program of a worker, as a URL. It is sent its part and sends verdicts. */
  readonly program: URL;
  readonly workers: number;
  readonly onVerdict: (verdict: Verdict) => void;
}

/** Each process plays one part of the campaign. */
export async function runInWorkers<Campaign extends Numbers, Verdict>(
  campaign: Campaign,
  { program, workers, onVerdict }: WorkersOptions<Verdict>,
): Promise<void> {
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
        const worker = fork(fileURLToPath(program));
        worker.on("message", (verdict) => onVerdict(verdict as Verdict));
        worker.send(part);
        await once(worker, "exit");
      }),
  );
}
