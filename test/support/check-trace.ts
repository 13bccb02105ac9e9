/**
 * What is wrong with a trace, by the description of the format: "Trace Event
 * Format", The Chromium Project. It is about the trace as a reader gets it, as
 * JSON, and knows nothing of who wrote it. `[]` is what a test wants.
 */
export function traceProblems(json: string): string[] {
  const trace: unknown = JSON.parse(json);
  if (!isRecord(trace)) return ["no JSON object"];
  const { traceEvents, displayTimeUnit } = trace;
  if (!Array.isArray(traceEvents)) return ["traceEvents is no array"];
  const problems: string[] = [];
  if (displayTimeUnit !== "ms" && displayTimeUnit !== "ns") {
    problems.push("displayTimeUnit is neither ms nor ns");
  }
  const events = traceEvents.filter(isRecord);
  if (events.length < traceEvents.length)
    problems.push("an event is no object");
  for (const event of events) {
    for (const problem of eventProblems(event)) {
      problems.push(`${problem}: ${JSON.stringify(event)}`);
    }
  }
  if (problems.length > 0) return problems;
  const slices = events.filter(({ ph }) => ph === "X");
  return [...nestingProblems(slices), ...flowProblems(events, slices)];
}

type Event = Record<string, unknown>;

function isRecord(value: unknown): value is Event {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function eventProblems(event: Event): string[] {
  const { ph, pid, tid, name, cat, ts, args } = event;
  const problems: string[] = [];
  const expect = (holds: boolean, problem: string) => {
    if (!holds) problems.push(problem);
  };
  expect(typeof name === "string", "name is no text");
  expect(Number.isInteger(pid) && Number.isInteger(tid), "no pid or no tid");
  expect(args === undefined || isRecord(args), "args is no object");
  if (ph === "M") {
    expect(isMetadata(name, args), "no such metadata");
    return problems;
  }
  expect(typeof cat === "string" && cat !== "", "no category");
  expect(isTime(ts), "ts is no time in microseconds");
  switch (ph) {
    case "X":
      expect(isTime(event["dur"]), "a complete event without dur");
      break;
    case "i":
      expect(["g", "p", "t"].includes(String(event["s"])), "no scope");
      break;
    case "s":
    case "f":
      expect(["string", "number"].includes(typeof event["id"]), "no flow id");
      expect([undefined, "e"].includes(event["bp"] as string), "no such bp");
      break;
    default:
      problems.push(`an unknown phase ${String(ph)}`);
  }
  return problems;
}

function isMetadata(name: unknown, args: unknown): boolean {
  if (!isRecord(args)) return false;
  switch (name) {
    case "process_name":
    case "thread_name":
      return typeof args["name"] === "string";
    case "process_sort_index":
    case "thread_sort_index":
      return Number.isInteger(args["sort_index"]);
    default:
      return false;
  }
}

function isTime(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && Number.isFinite(value);
}

/** Complete events of one thread lie beside or within each other. */
function nestingProblems(slices: readonly Event[]): string[] {
  const problems: string[] = [];
  const open = new Map<string, number[]>();
  const inOrder = slices.toSorted(
    (a, b) => startOf(a) - startOf(b) || endOf(b) - endOf(a),
  );
  for (const slice of inOrder) {
    const thread = threadOf(slice);
    const ends = (open.get(thread) ?? []).filter((end) => end > startOf(slice));
    if (ends.some((end) => end < endOf(slice))) {
      problems.push(`slices of thread ${thread} overlap at ${startOf(slice)}`);
    }
    open.set(thread, [...ends, endOf(slice)]);
  }
  return problems;
}

/** A flow starts once and ends once, each time within a slice. */
function flowProblems(
  events: readonly Event[],
  slices: readonly Event[],
): string[] {
  const problems: string[] = [];
  const flows = new Map<string, { s: Event[]; f: Event[] }>();
  for (const event of events) {
    const { ph, cat, name, id } = event;
    if (ph !== "s" && ph !== "f") continue;
    const key = JSON.stringify([cat, name, id]);
    const flow = flows.get(key) ?? { s: [], f: [] };
    flow[ph].push(event);
    flows.set(key, flow);
    const isWithin = slices.some(
      (slice) =>
        threadOf(slice) === threadOf(event) &&
        startOf(slice) <= startOf(event) &&
        (startOf(event) < endOf(slice) || endOf(slice) === startOf(slice)),
    );
    if (!isWithin) problems.push(`flow ${key}: ${ph} is in no slice`);
    if (ph === "f" && event["bp"] !== "e") {
      problems.push(`flow ${key} ends at the next slice, whichever that is`);
    }
  }
  for (const [key, { s, f }] of flows) {
    const [start, ...others] = s;
    if (start === undefined || others.length > 0 || f.length !== 1) {
      problems.push(`flow ${key} has ${s.length} starts and ${f.length} ends`);
    } else if (startOf(start) > startOf(f[0] as Event)) {
      problems.push(`flow ${key} goes back in time`);
    }
  }
  return problems;
}

function threadOf({ pid, tid }: Event): string {
  return `${String(pid)}/${String(tid)}`;
}

function startOf({ ts }: Event): number {
  return ts as number;
}

function endOf({ ts, dur }: Event): number {
  return (ts as number) + (dur as number);
}
