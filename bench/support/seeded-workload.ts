import type { SeededRandom } from "./seeded-random.js";

/** A concurrency cap and the calls that it holds for. */
export interface Cap {
  readonly slots: number;
  readonly holdsFor: (position: number) => boolean;
}

/** The calls of one batch. Positions are a topological order. */
export interface Workload {
  readonly durationsMs: readonly number[];
  readonly dependsOn: readonly (readonly number[])[];
  /** For each call its resource; `undefined`: the workload has none. */
  readonly resourceOf: readonly number[] | undefined;
  /** The cap of each resource. */
  readonly resourceSlots: readonly number[];
  /** The cap of the node, if it has one. */
  readonly nodeSlots: number | undefined;
}

/** Which caps a workload has, each of 2 to 4. */
export type Caps = "none" | "node" | "resources" | "node and resources";

/**
 * 6 to 40 calls. One in four waits for none, the others for one to three of
 * those before. Durations are lognormal: most calls are quick, some take many
 * times as long, as calls over a network do.
 */
export function seededWorkload(
  random: SeededRandom,
  caps: Caps,
  duration: { medianMs: number; sigma: number },
): Workload {
  const size = random.integer(6, 40);
  const durationsMs: number[] = [];
  const dependsOn: number[][] = [];
  for (let position = 0; position < size; position += 1) {
    durationsMs.push(random.lognormal(duration.medianMs, duration.sigma));
    const wanted = random.next() < 0.25 ? 0 : random.integer(1, 3);
    const earlier = new Set<number>();
    for (let i = 0; i < Math.min(wanted, position); i += 1) {
      earlier.add(random.integer(0, position - 1));
    }
    dependsOn.push([...earlier].toSorted((a, b) => a - b));
  }
  const resources = random.integer(2, 3);
  const resourceOf = durationsMs.map(() => random.integer(0, resources - 1));
  const slots = Array.from({ length: resources }, () => random.integer(2, 4));
  const nodeSlots = random.integer(2, 4);
  const hasResources = caps === "resources" || caps === "node and resources";
  const hasNode = caps === "node" || caps === "node and resources";
  return {
    durationsMs,
    dependsOn,
    resourceOf: hasResources ? resourceOf : undefined,
    resourceSlots: hasResources ? slots : [],
    nodeSlots: hasNode ? nodeSlots : undefined,
  };
}

/** All caps of a workload. */
export function capsOf(workload: Workload): Cap[] {
  const { nodeSlots, resourceOf, resourceSlots } = workload;
  const caps: Cap[] = resourceSlots.map((slots, resource) => ({
    slots,
    holdsFor: (position) => resourceOf?.[position] === resource,
  }));
  if (nodeSlots !== undefined) {
    caps.push({ slots: nodeSlots, holdsFor: () => true });
  }
  return caps;
}
