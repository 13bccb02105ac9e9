/** UUIDs, and the ids of questions. */
const ID = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|\b[0-9a-f]{32}\b/g;
/** A line of a stack, in JSON: how a promise went on is free. */
const STACK_LINE = /\\n {4}at [^"\\]*/g;
const TIME = /\d{4}-\d\d-\d\dT[\d:.]+Z/g;

/**
 * What two runs of two graphs share when they did the same: ids are counted as
 * they come up, times and the graph's name are left out, and fields are in the
 * order of the alphabet.
 */
export function comparable(value: unknown, graph: string): unknown {
  const numbers = new Map<string, number>();
  const text = JSON.stringify(sortFields(value))
    .replaceAll(graph, "graph")
    .replaceAll(TIME, "time")
    .replaceAll(STACK_LINE, "")
    .replaceAll(ID, (id) => {
      const number = numbers.get(id) ?? numbers.size + 1;
      numbers.set(id, number);
      return `id ${number}`;
    });
  return JSON.parse(text);
}

/** The same of events whose order is free: no id says which it is. */
export function comparableSet(events: readonly unknown[], graph: string) {
  return events
    .map((event) => comparable(event, graph))
    .map((event) => JSON.stringify(event).replaceAll(/id \d+/g, "id"))
    .toSorted();
}

/** The same of events of several modes, where each mode has an order of its own. */
export function byMode<E extends { readonly event: string }>(
  events: readonly E[],
): E[] {
  return events.toSorted((a, b) => a.event.localeCompare(b.event));
}

function sortFields(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortFields);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    fields.map(([key, field]) => [key, sortFields(field)]),
  );
}
