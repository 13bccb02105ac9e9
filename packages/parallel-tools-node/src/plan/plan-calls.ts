import type { Access } from "../policy/access.js";
import type { Sequential } from "../policy/sequential.js";
import type { ResolvedPolicy } from "../policy/tool-policy.js";
import { accessesOf } from "./accesses-of.js";
import { AwaitedCalls } from "./awaited-calls.js";
import {
  ANY_KEY,
  type BatchPlan,
  type Dependency,
  type DependencyReason,
  type PlannedCall,
  type PlanShape,
} from "./batch-plan.js";
import { ConflictFinder } from "./find-conflicts.js";
import { orderCalls } from "./order-calls.js";
import type { CallReferences } from "./references/call-references.js";
import { ReferenceLinks } from "./references/reference-links.js";
import { TwinFinder } from "./twin-finder.js";

/** A call of a batch, with its place in the message. */
export interface BatchCall {
  /** 0-based place in the message's `tool_calls`. */
  readonly index: number;
  readonly id: string | undefined;
  readonly name: string;
  readonly args: unknown;
}

/** By position: the state of each call, where it is known before the call starts. */
export type PlannedAccesses = readonly (readonly Access[] | undefined)[];

/** A plan, and what was found out on the way that isn't part of it. */
export interface PlannedBatch {
  readonly plan: BatchPlan;
  readonly accesses: PlannedAccesses;
}

/**
 * How a whole batch runs: as its policies say, one call at a time in order, or
 * the first call only.
 */
export type BatchMode = "parallel" | "sequential" | "replan";

/** The mode that a `sequential` option stands for. */
export function modeOf(sequential: Sequential): BatchMode {
  if (sequential === "replan") return sequential;
  return sequential ? "sequential" : "parallel";
}

const NO_DEPENDENCIES: readonly Dependency[] = Object.freeze([]);

/**
 * Builds the DAG of a batch. Pure; linear in calls, accesses and edges.
 *
 * @param calls the unanswered calls, in message order
 * @param policies the policy of each call
 * @param references what each call refers to, where references are on
 */
export function planCalls(
  calls: readonly BatchCall[],
  policies: readonly ResolvedPolicy[],
  mode: BatchMode = "parallel",
  references: readonly CallReferences[] = [],
): PlannedBatch {
  const isFanOut =
    mode === "parallel" &&
    policies.every(saysNothing) &&
    references.every(({ found }) => found.length === 0);
  if (isFanOut) return { plan: fanOut(calls), accesses: [] };
  const links = new ReferenceLinks(calls, references);
  const { positions, stuck } = orderCalls(calls, policies, links.targets);
  for (const [position, target] of stuck) links.cut(position, target);
  const builder = new PlanBuilder(calls, policies, mode, links);
  for (const position of positions) builder.add(position);
  const { shape, depth } = measureShape(builder.planned, positions);
  const plan = { shape, depth, calls: builder.planned };
  return { plan, accesses: builder.accesses };
}

function saysNothing(policy: ResolvedPolicy): boolean {
  return (
    typeof policy.access !== "function" &&
    policy.access.length === 0 &&
    policy.after.length === 0 &&
    policy.sequential === false &&
    !policy.dedupe
  );
}

function fanOut(calls: readonly BatchCall[]): BatchPlan {
  return {
    shape: calls.length > 1 ? "fan-out" : "single",
    depth: Math.min(calls.length, 1),
    calls: calls.map(({ index, id, name }) => ({
      index,
      ordinal: index + 1,
      id,
      name,
      dependsOn: NO_DEPENDENCIES,
    })),
  };
}

/**
 * The shape of a plan, and how many calls are on its longest path.
 *
 * @param order positions, each after those that it waits for
 */
export function measureShape(
  calls: readonly PlannedCall[],
  order: readonly number[],
): { shape: PlanShape; depth: number } {
  const levels = new Int32Array((calls.at(-1)?.index ?? -1) + 1);
  const groupLevels = new Map<readonly number[], number>();
  const levelOf = ({ index, indexes }: Dependency): number => {
    if (indexes === undefined) return levels[index]!;
    let level = groupLevels.get(indexes);
    if (level === undefined) {
      level = indexes.reduce((most, one) => Math.max(most, levels[one]!), 0);
      groupLevels.set(indexes, level);
    }
    return level;
  };
  let depth = 0;
  for (const position of order) {
    const call = calls[position] as PlannedCall;
    let level = 1;
    for (const edge of call.dependsOn) {
      level = Math.max(level, levelOf(edge) + 1);
    }
    levels[call.index] = level;
    depth = Math.max(depth, level);
  }
  return { shape: shapeOf(calls.length, depth), depth };
}

function shapeOf(calls: number, depth: number): PlanShape {
  if (calls <= 1) return "single";
  if (depth === 1) return "fan-out";
  return depth === calls ? "chain" : "mixed";
}

const NO_NODES: readonly number[] = Object.freeze([]);

/**
 * A plan as a graph. Its nodes are the positions of the calls, and from their
 * number on the groups: node `calls.length + i` is `groups[i]`.
 */
export interface PlanNodes {
  /** For each call the nodes that it waits for. */
  readonly dependsOn: readonly (readonly number[])[];
  /** Positions of calls that others wait for by one edge. No call is in two. */
  readonly groups: readonly (readonly number[])[];
}

/** @param positionOf gives the position of a call by its index */
export function nodesOf(
  calls: readonly PlannedCall[],
  positionOf: (index: number) => number,
): PlanNodes {
  const groups: (readonly number[])[] = [];
  const nodes = new Map<readonly number[], number>();
  const nodeOf = ({ index, indexes }: Dependency): number => {
    if (indexes === undefined) return positionOf(index);
    let node = nodes.get(indexes);
    if (node === undefined) {
      node = calls.length + groups.length;
      nodes.set(indexes, node);
      groups.push(indexes.map(positionOf));
    }
    return node;
  };
  const dependsOn = calls.map((call) =>
    call.dependsOn.length === 0 ? NO_NODES : call.dependsOn.map(nodeOf),
  );
  return { dependsOn, groups };
}

class PlanBuilder {
  readonly planned: PlannedCall[] = [];
  readonly accesses: (readonly Access[] | undefined)[] = [];
  readonly #calls: readonly BatchCall[];
  readonly #policies: readonly ResolvedPolicy[];
  readonly #mode: BatchMode;
  readonly #links: ReferenceLinks;
  readonly #conflicts = new ConflictFinder();
  /** For each tool that others come `after`, its calls since the last barrier. */
  readonly #callsOf = new Map<string, AwaitedCalls>();
  readonly #awaitedTools: ReadonlySet<string>;
  /** By position, the calls that have been awaited together by one edge. */
  readonly #groupOf = new Map<number, AwaitedCalls>();
  readonly #twins = new TwinFinder();
  /** The last barrier so far, and the calls that came after it. */
  #barrier: { position: number; edge: Dependency } | undefined;
  #sinceBarrier: number[] = [];
  /** The edge on the `"replan"` call that defers all that follows. */
  #replan: Dependency | undefined;

  /** The call that is being planned, and its edges. */
  #position = 0;
  readonly #edges: Dependency[] = [];
  /** Calls that it waits for by one edge. */
  readonly #groups: AwaitedCalls[] = [];
  /** By position. Read for each edge, so they are together in memory. */
  readonly #indexes: Int32Array;
  /** By position, 1 + the position of the last call that got an edge to it. */
  readonly #lastDependent: Int32Array;

  constructor(
    calls: readonly BatchCall[],
    policies: readonly ResolvedPolicy[],
    mode: BatchMode,
    links: ReferenceLinks,
  ) {
    this.#calls = calls;
    this.#links = links;
    this.#indexes = Int32Array.from(calls, ({ index }) => index);
    this.#lastDependent = new Int32Array(calls.length);
    this.#policies = policies;
    this.#mode = mode;
    this.#awaitedTools = new Set(policies.flatMap(({ after }) => after));
  }

  /** Plans the call at `position`; calls are added in execution order. */
  add(position: number): void {
    const { index, id, name, args } = this.#calls[position] as BatchCall;
    const ordinal = index + 1;
    if (this.#replan !== undefined) {
      this.planned[position] = {
        index,
        ordinal,
        id,
        name,
        dependsOn: [this.#replan],
        deferred: true,
      };
      return;
    }
    const policy = this.#policies[position] as ResolvedPolicy;
    const links = this.#links.of(position);
    const { accesses, problem = links.problem } = accessesOf(
      policy,
      args,
      links.found,
    );
    if (accesses !== "any" && problem === undefined) {
      this.accesses[position] = accesses;
    }
    this.#edges.length = 0;
    this.#groups.length = 0;
    this.#position = position;
    for (const { position: earlier, edge } of links.edges) {
      this.#addShared(earlier, edge);
    }
    this.#addAfter(policy);
    const sequential = this.#sequentialOf(policy);
    if (sequential === false) {
      if (accesses === "any") {
        this.#conflicts.addAny(position, this.#addAnyConflict);
      } else {
        this.#conflicts.add(position, accesses, this.#addConflict);
      }
      if (this.#barrier) {
        this.#addShared(this.#barrier.position, this.#barrier.edge);
      }
      this.#sinceBarrier.push(position);
    } else {
      this.#raiseBarrier(position, name, sequential);
    }
    const dependsOn =
      this.#edges.length === 0 ? NO_DEPENDENCIES : this.#edges.slice();
    const sameAs =
      policy.dedupe && problem === undefined
        ? this.#twins.find(index, { name, args }, dependsOn)
        : undefined;
    this.#remember(position, name);
    const planned: PlannedCall = { index, ordinal, id, name, dependsOn };
    this.planned[position] =
      sameAs === undefined && problem === undefined
        ? planned
        : {
            ...planned,
            ...(sameAs !== undefined && { sameAs }),
            ...(problem !== undefined && { problem }),
          };
  }

  #sequentialOf(policy: ResolvedPolicy): Sequential {
    if (this.#mode === "replan" || policy.sequential === "replan") {
      return "replan";
    }
    return this.#mode === "sequential" || policy.sequential;
  }

  #addAfter(policy: ResolvedPolicy): void {
    for (const tool of policy.after) {
      const calls = this.#callsOf.get(tool);
      if (calls === undefined) continue;
      if (calls.isGroup) {
        this.#addGroup(calls);
        continue;
      }
      calls.edges.forEach((edge, i) => {
        this.#addShared(calls.positions[i] as number, edge);
      });
    }
  }

  /** One edge for many calls. One that has an edge already doesn't name it. */
  #addGroup(group: AwaitedCalls): void {
    if (this.#groups.includes(group)) return;
    const { positions } = group;
    const at = positions.findLastIndex((earlier) => !this.#hasEdge(earlier));
    if (at < 0) return;
    this.#edges.push(group.edgeBy(at));
    this.#groups.push(group);
    if (this.#groupOf.get(positions[0] as number) === group) return;
    for (const earlier of positions) this.#groupOf.set(earlier, group);
  }

  #raiseBarrier(
    position: number,
    name: string,
    sequential: true | "replan",
  ): void {
    for (const earlier of this.#sinceBarrier) {
      this.#add(earlier, "sequential", name);
    }
    if (this.#barrier && this.#sinceBarrier.length === 0) {
      this.#add(this.#barrier.position, "sequential", name);
    }
    const edge: Dependency = {
      index: (this.#calls[position] as BatchCall).index,
      reason: "sequential",
      detail: name,
    };
    this.#barrier = { position, edge };
    this.#sinceBarrier = [];
    this.#callsOf.clear();
    this.#conflicts.clear();
    if (sequential === "replan") this.#replan = edge;
  }

  #remember(position: number, name: string): void {
    if (!this.#awaitedTools.has(name)) return;
    let calls = this.#callsOf.get(name);
    if (calls === undefined) {
      calls = new AwaitedCalls(name);
      this.#callsOf.set(name, calls);
    }
    calls.add(position, this.#indexes[position] as number);
  }

  readonly #addConflict = (earlier: number, key: string): void => {
    this.#add(earlier, "conflict", key);
  };

  readonly #addAnyConflict = (earlier: number): void => {
    this.#add(earlier, "conflict", ANY_KEY);
  };

  #add(earlier: number, reason: DependencyReason, detail: string): void {
    if (this.#hasEdge(earlier)) return;
    const index = this.#indexes[earlier] as number;
    this.#addShared(earlier, { index, reason, detail });
  }

  /** One edge per earlier call: the first reason given counts. */
  #addShared(earlier: number, edge: Dependency): void {
    if (this.#hasEdge(earlier)) return;
    this.#lastDependent[earlier] = this.#position + 1;
    this.#edges.push(edge);
  }

  /** Whether the call that is being planned has an edge to an earlier one. */
  #hasEdge(earlier: number): boolean {
    if (this.#lastDependent[earlier] === this.#position + 1) return true;
    if (this.#groups.length === 0) return false;
    const group = this.#groupOf.get(earlier);
    return group !== undefined && this.#groups.includes(group);
  }
}
