import type { ResolvedPolicy } from "../policy/tool-policy.js";

/** The order in which a batch is planned. */
export interface CallOrder {
  readonly positions: readonly number[];
  /** Calls whose references can't be waited for: it is they who are waited for. */
  readonly stuck: ReadonlySet<number>;
}

/**
 * The order of a batch that references and `after` ask for: a stable
 * topological sort, so positions come in message order wherever those leave a
 * choice. Conflicts and barriers follow this order, which is why they can close
 * no cycle. Where a reference closes one with `after`, the reference gives way.
 *
 * Counts calls per tool instead of edges between calls, so that many calls
 * after many others stay linear.
 *
 * @param targets for each call the positions that its references point to
 */
export function orderCalls(
  calls: readonly { readonly name: string }[],
  policies: readonly ResolvedPolicy[],
  targets: readonly (readonly number[])[] = [],
): CallOrder {
  const inOrder = calls.map((_, position) => position);
  const stuck = new Set<number>();
  // References alone point to earlier calls, so the order is that of the message.
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
  const free = (positions: readonly number[]) => {
    for (const position of positions) {
      if (stuck.has(position)) continue;
      missing[position]! -= 1;
      next = Math.min(next, position);
    }
  };
  while (order.length < calls.length) {
    if (next === calls.length) {
      next = unstick(calls, policies, unfinished, targets, taken, stuck);
      missing[next] = 0;
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
    // The last call of a tool sets others free, perhaps ones that were passed
    // over. It does so once, so going back costs calls times tools at most.
    if (left === 0) free(waitingForTool.get(name) ?? []);
    free(waitingForCall.get(position) ?? []);
  }
  return { positions: order, stuck };
}

/** The first call that only its references keep waiting: they give way. */
function unstick(
  calls: readonly { readonly name: string }[],
  policies: readonly ResolvedPolicy[],
  unfinished: ReadonlyMap<string, number>,
  targets: readonly (readonly number[])[],
  taken: Uint8Array,
  stuck: Set<number>,
): number {
  const position = calls.findIndex(
    (_, candidate) =>
      taken[candidate] === 0 &&
      (targets[candidate]?.length ?? 0) > 0 &&
      (policies[candidate] as ResolvedPolicy).after.every(
        (tool) => (unfinished.get(tool) ?? 0) === 0,
      ),
  );
  stuck.add(position);
  return position;
}

function append<Key>(lists: Map<Key, number[]>, key: Key, item: number): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}
