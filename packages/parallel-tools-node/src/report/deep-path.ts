import type { CallReport } from "./batch-report.js";
import type { ReportNode } from "./report-tree.js";
import { isRun, type Segment, timelineOf } from "./timeline.js";

/** The critical path of a tree of batches. */
export interface DeepPath {
  /** In the order of time. They fill all that the root of the tree took. */
  readonly steps: readonly PathStep[];
  /** The indexes of the calls that are on the path, by batch. */
  readonly critical: ReadonlyMap<ReportNode, ReadonlySet<number>>;
}

/** A part of the time, and the call that spent it. */
export interface PathStep {
  readonly node: ReportNode;
  readonly call: CallReport;
  /** Times count from where the root of the tree began. */
  readonly segment: Segment;
}

/**
 * The critical path of a batch, which goes down into the batches that ran inside of
 * its calls. Time that a call spent with one of them is explained by the path of
 * that one; of several at once, by the one that ended last. What the call then waited
 * to go on is time for a cap.
 */
export function deepPathOf(root: ReportNode): DeepPath {
  const path: GrowingPath = { steps: [], critical: new Map() };
  addBatch(root, root.fromMs, Number.POSITIVE_INFINITY, path);
  return path;
}

interface GrowingPath {
  readonly steps: PathStep[];
  readonly critical: Map<ReportNode, Set<number>>;
}

/** Adds the part of a batch's path that lies between two times. */
function addBatch(
  node: ReportNode,
  fromMs: number,
  toMs: number,
  path: GrowingPath,
): void {
  const byIndex = new Map(node.calls.map((call) => [call.index, call]));
  const critical = new Set<number>();
  path.critical.set(node, critical);
  let knownMs = fromMs;
  for (const index of node.report.criticalPath) {
    const call = byIndex.get(index);
    if (call === undefined || call.endMs < knownMs || knownMs > toMs) continue;
    critical.add(index);
    for (const segment of timelineOf(call)) {
      const startMs = Math.max(segment.startMs, knownMs);
      const endMs = Math.min(segment.endMs, toMs);
      if (!(endMs > startMs)) continue;
      addSegment(node, call, { ...segment, startMs, endMs }, path);
    }
    knownMs = call.endMs;
  }
}

/** Adds a wait, or an attempt with the batches that ran inside of it. */
function addSegment(
  node: ReportNode,
  call: CallReport,
  segment: Segment,
  path: GrowingPath,
): void {
  const { kind, startMs, endMs } = segment;
  const inside = isRun(kind) ? node.inside.get(call.index) : undefined;
  /** From the last to the first. Without a batch it is the call's own time. */
  const parts: Part[] = [];
  let atMs = endMs;
  for (const batch of lastFirst(inside ?? [])) {
    const toMs = Math.min(endOf(batch), atMs);
    const fromMs = Math.max(batch.fromMs, startMs);
    if (!(toMs > fromMs)) continue;
    const goesOnMs = Math.min(toMs + (batch.report.resumeMs ?? 0), atMs);
    parts.push(
      { fromMs: goesOnMs, toMs: atMs },
      { fromMs: toMs, toMs: goesOnMs, kind: "concurrency" },
      { batch, fromMs, toMs },
    );
    atMs = fromMs;
  }
  parts.push({ fromMs: startMs, toMs: atMs });
  for (const { batch, fromMs, toMs, kind: as } of parts.toReversed()) {
    if (!(toMs > fromMs)) continue;
    if (batch !== undefined) {
      addBatch(batch, fromMs, toMs, path);
      continue;
    }
    const own = { ...segment, kind: as ?? kind, startMs: fromMs, endMs: toMs };
    path.steps.push({ node, call, segment: own });
  }
}

interface Part {
  readonly batch?: ReportNode;
  readonly fromMs: number;
  readonly toMs: number;
  /** Default: that of the attempt. */
  readonly kind?: Segment["kind"];
}

function lastFirst(nodes: readonly ReportNode[]): ReportNode[] {
  return nodes.toSorted((a, b) => endOf(b) - endOf(a));
}

function endOf({ fromMs, report }: ReportNode): number {
  return fromMs + report.durationMs;
}
