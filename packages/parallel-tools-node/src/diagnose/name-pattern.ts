import type { Group } from "./examine.js";

/** Tools that the name of a pattern holds. */
const MAX_TOOLS = 6;

/** What a group of calls is called, so that like groups are counted together. */
export function namePattern({ names, nPlusOne }: Group): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const parts = [...counts]
    .map(([name, count]) => {
      const times = count > 1 ? `N x ${name}` : name;
      const list = nPlusOne.find(({ tool }) => tool === name)?.list;
      return list === undefined ? times : `${list} -> ${times}`;
    })
    .sort();
  const rest = parts.length - MAX_TOOLS;
  return rest > 0
    ? `${parts.slice(0, MAX_TOOLS).join(", ")} and ${rest} more`
    : parts.join(", ");
}
