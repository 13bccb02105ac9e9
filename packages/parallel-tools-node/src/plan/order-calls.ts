import type { ResolvedPolicy } from "../policy/tool-policy.js";

/** The order in which a batch is planned. */
export interface CallOrder {
  readonly positions: readonly number[];
  /**
   * Calls that can't wait for the targets of their references, each with the
   * target that has to wait for it.
   */
  readonly stuck: ReadonlyMap<number, number>;
}

/**
 * Orders a batch by its references and `after`. It is a stable topological sort:
 * calls stay in message order wherever there is a choice. Conflicts and barriers
 * follow this order, so they can't close a cycle. Where a reference and `after`
 * close one, the reference is dropped.
 *
 * It counts calls per tool instead of edges between calls, so that many calls
 * after many others take linear time.
 *
 * @param targets for each call the positions that its references point to
 */
export function orderCalls(
  calls: readonly { readonly name: string }[],
  policies: readonly ResolvedPolicy[],
  targets: readonly (readonly number[])[] = [],
): CallOrder {
  const inOrder = calls.map((_, position) => position);
  const stuck = new Map<number, number>();
  // References point to earlier calls, so alone they change no order.
  if (policies.every((policy) => policy.after.length === 0)) {
    return { positions: inOrder, stuck };
  }

  const unfinished = new Map<string, number>();
  for (const { name } of calls) {
    unfinished.set(name, (unfinished.get(name) ?? 0) + 1);
  }
  const waitingForTool = new Map<string, number[]>();
  const waitingForCall = new Map<number, number[]>();
  const missing = new Int32Array(calls.length);
  for (const position of inOrder) {
    const { after } = policies[position] as ResolvedPolicy;
    for (const name of after) {
      if (!unfinished.has(name)) continue;
      missing[position]! += 1;
      append(waitingForTool, name, position);
    }
    for (const target of targets[position] ?? []) {
      missing[position]! += 1;
      append(waitingForCall, target, position);
    }
  }

  const order: number[] = [];
  const taken = new Uint8Array(calls.length);
  let next = 0;
  const endOneWait = (position: number) => {
    missing[position]! -= 1;
    next = Math.min(next, position);
  };
  const targetsOf = (position: number) =>
    stuck.has(position) ? [] : (targets[position] ?? []);
  while (order.length < calls.length) {
    if (next === calls.length) {
      const cycle = findCycle(taken, calls, policies, targetsOf);
      next = cycle.position;
      missing[next]! -= targetsOf(next).filter(
        (target) => taken[target] === 0,
      ).length;
      stuck.set(next, cycle.target);
    }
    if (taken[next] === 1 || missing[next]! > 0) {
      next += 1;
      continue;
    }
    const position = next;
    taken[position] = 1;
    order.push(position);
    const { name } = calls[position] as { name: string };
    const left = (unfinished.get(name) as number) - 1;
    unfinished.set(name, left);
    // After the last call of a tool others may come, also ones that were passed
    // over. That is once per tool, so going back costs calls times tools at most.
    if (left === 0) waitingForTool.get(name)?.forEach(endOneWait);
    for (const waiting of waitingForCall.get(position) ?? []) {
      if (!stuck.has(waiting)) endOneWait(waiting);
    }
  }
  return { positions: order, stuck };
}

/**
 * Follows what calls wait for until it comes back to one of them. `after` alone
 * closes no cycle, so the cycle has references. That of the call which comes
 * first in the message is dropped.
 */
function findCycle(
  isTaken: Uint8Array,
  calls: readonly { readonly name: string }[],
  policies: readonly ResolvedPolicy[],
  targetsOf: (position: number) => readonly number[],
): { readonly position: number; readonly target: number } {
  const firstOf = new Map<string, number>();
  calls.forEach(({ name }, position) => {
    if (isTaken[position] === 0 && !firstOf.has(name)) {
      firstOf.set(name, position);
    }
  });
  const path: { position: number; next: number; isReference: boolean }[] = [];
  const stepOf = new Map<number, number>();
  let at = isTaken.indexOf(0);
  while (!stepOf.has(at)) {
    stepOf.set(at, path.length);
    const target = targetsOf(at).find((position) => isTaken[position] === 0);
    const tool = (policies[at] as ResolvedPolicy).after.find((name) =>
      firstOf.has(name),
    );
    const next = (target ?? firstOf.get(tool as string)) as number;
    path.push({ position: at, next, isReference: target !== undefined });
    at = next;
  }
  const { position, next } = path
    .slice(stepOf.get(at))
    .filter(({ isReference }) => isReference)
    .reduce((first, step) => (step.position < first.position ? step : first));
  return { position, target: next };
}

function append<Key>(lists: Map<Key, number[]>, key: Key, item: number): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}
