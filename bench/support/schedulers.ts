import pLimit from "p-limit";
import { capsOf, type Workload } from "./seeded-workload.js";

/** Runs the call at a position to its end. */
export type Work = (position: number) => Promise<void>;

/** A way to run a workload: never starts a call too early, and obeys the caps. */
export type Scheduler = (workload: Workload, work: Work) => Promise<void>;

/** In order, each after the one before. */
export async function oneAtATime(
  workload: Workload,
  work: Work,
): Promise<void> {
  for (const position of workload.dependsOn.keys()) await work(position);
}

/** All calls whose longest path from a start is equally long, then the next. */
export async function levelBarriers(
  workload: Workload,
  work: Work,
): Promise<void> {
  const enter = limited(workload, work);
  const levels: number[] = [];
  for (const earlier of workload.dependsOn) {
    levels.push(1 + Math.max(-1, ...earlier.map((i) => levels[i]!)));
  }
  for (let level = 0; level <= Math.max(...levels); level += 1) {
    await Promise.all(
      [...levels.keys()].filter((i) => levels[i] === level).map(enter),
    );
  }
}

/** What one would write by hand: await what a call needs, then enter p-limit. */
export async function promisesAndPLimit(
  workload: Workload,
  work: Work,
): Promise<void> {
  const enter = limited(workload, work);
  const ends: Promise<void>[] = [];
  for (const [position, earlier] of workload.dependsOn.entries()) {
    ends.push(
      Promise.all(earlier.map((i) => ends[i]!)).then(() => enter(position)),
    );
  }
  await Promise.all(ends);
}

/** `work` inside one p-limit per cap: a resource's first, then the node's. */
function limited(workload: Workload, work: Work): Work {
  const caps = capsOf(workload).map(({ slots, holdsFor }) => ({
    limit: pLimit(slots),
    holdsFor,
  }));
  return (position) => {
    let job = () => work(position);
    for (const { limit, holdsFor } of caps.toReversed()) {
      if (!holdsFor(position)) continue;
      const inner = job;
      job = () => limit(inner);
    }
    return job();
  };
}
