import type { BatchReport, CallReport } from "./batch-report.js";

/** A batch, and those that ran inside of its calls. */
export interface ReportNode {
  readonly report: BatchReport;
  /** Its place among the reports that were given. */
  readonly place: number;
  /** When it began, in milliseconds since the root of the tree did. */
  readonly fromMs: number;
  /** Those of the report, but their times count from where the root began. */
  readonly calls: readonly CallReport[];
  /** By the index of the call inside which they ran, in the order of time. */
  readonly inside: ReadonlyMap<number, readonly ReportNode[]>;
}

/** Deeper than any honest run. What is deeper stands for itself. */
const MOST_DEPTH = 50;

/**
 * Puts reports together that belong to one run, in any order.
 *
 * @returns the batches that ran inside of no other one of them, in the given order
 */
export function treesOf(
  reports: BatchReport | readonly BatchReport[],
): ReportNode[] {
  const given = [reports].flat();
  const byId = new Map<string | undefined, BatchReport>();
  for (const report of given) {
    if (!byId.has(report.batchId)) byId.set(report.batchId, report);
  }
  const placed = given.map((report, place) => ({ report, place }));
  const roots: Placed[] = [];
  const inside = new Map<BatchReport, Placed[]>();
  for (const one of placed) {
    const around = aroundOf(one.report, byId);
    if (around === undefined) {
      roots.push(one);
      continue;
    }
    const others = inside.get(around);
    if (others === undefined) inside.set(around, [one]);
    else others.push(one);
  }
  return roots.map((root) => nodeOf(root, inside, root.report.beganAt, 0));
}

/** All nodes of trees, each before those inside of it and behind the one around. */
export function nodesIn(
  trees: readonly ReportNode[],
  around?: ReportNode,
): { readonly node: ReportNode; readonly around: ReportNode | undefined }[] {
  return trees.flatMap((node) => [
    { node, around },
    ...nodesIn([...node.inside.values()].flat(), node),
  ]);
}

interface Placed {
  readonly report: BatchReport;
  readonly place: number;
}

/** The report of the batch around; `undefined` if it isn't there, or in a cycle. */
function aroundOf(
  report: BatchReport,
  byId: ReadonlyMap<string | undefined, BatchReport>,
): BatchReport | undefined {
  const { inside } = report;
  const around = inside && byId.get(inside.batchId);
  if (!around?.calls.some(({ index }) => index === inside?.index)) {
    return undefined;
  }
  let one: BatchReport | undefined = around;
  for (let depth = 0; depth < MOST_DEPTH; depth += 1) {
    if (one === undefined) return around;
    if (one === report) return undefined;
    one = one.inside && byId.get(one.inside.batchId);
  }
  return undefined;
}

function nodeOf(
  { report, place }: Placed,
  inside: ReadonlyMap<BatchReport, readonly Placed[]>,
  rootBeganAt: number,
  leastMs: number,
): ReportNode {
  // Dates are less exact than the times within a batch.
  const fromMs = Math.max(leastMs, finite(report.beganAt - rootBeganAt));
  const calls = report.calls.map((call) => shift(call, fromMs));
  const starts = new Map(calls.map(({ index, startMs }) => [index, startMs]));
  const byIndex = new Map<number, ReportNode[]>();
  for (const one of inside.get(report) ?? []) {
    const index = one.report.inside?.index as number;
    const least = starts.get(index) ?? fromMs;
    const node = nodeOf(one, inside, rootBeganAt, least);
    const others = byIndex.get(index);
    if (others === undefined) byIndex.set(index, [node]);
    else others.push(node);
  }
  for (const nodes of byIndex.values()) {
    nodes.sort((a, b) => a.fromMs - b.fromMs || a.place - b.place);
  }
  return { report, place, fromMs, calls, inside: byIndex };
}

function finite(ms: number): number {
  return Number.isFinite(ms) ? ms : 0;
}

/** A call with all its times later by so much. */
function shift(call: CallReport, ms: number): CallReport {
  if (ms === 0) return call;
  const { waits, runs, startMs, endMs } = call;
  return {
    ...call,
    waits: waits.map((wait) => ({ ...wait, startMs: wait.startMs + ms })),
    runs: runs.map((run) => ({
      startMs: run.startMs + ms,
      endMs: run.endMs + ms,
    })),
    ...(startMs !== undefined && { startMs: startMs + ms }),
    endMs: endMs + ms,
  };
}
