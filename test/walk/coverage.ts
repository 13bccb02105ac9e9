// Reads from V8's coverage which functions ran.
import type { Profiler } from "node:inspector";
import { Session } from "node:inspector/promises";

/** By source file, the functions that were entered, in the order of the file. */
export type EnteredFunctions = ReadonlyMap<string, readonly string[]>;

/**
 * Runs `act` and says which functions of `sources`, the URL of a folder, it
 * entered. `act` runs once before: what happens on the first call only, such as
 * the load of a module, isn't counted.
 */
export async function functionsEnteredBy(
  act: () => Promise<unknown>,
  sources: string,
): Promise<EnteredFunctions> {
  const session = new Session();
  session.connect();
  try {
    await session.post("Profiler.enable");
    await session.post("Profiler.startPreciseCoverage", { callCount: true });
    await finish(act);
    // Sets the counts back to 0.
    await session.post("Profiler.takePreciseCoverage");
    await finish(act);
    const { result } = await session.post("Profiler.takePreciseCoverage");
    return enteredFunctions(result, sources);
  } finally {
    session.disconnect();
  }
}

/** What a run leaves for after its answer belongs to it as well. */
async function finish(act: () => Promise<unknown>): Promise<void> {
  await act();
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function enteredFunctions(
  scripts: readonly Profiler.ScriptCoverage[],
  sources: string,
): EnteredFunctions {
  const files = scripts.flatMap(({ url, functions }): [string, string[]][] => {
    if (!url.startsWith(sources)) return [];
    const entered = functions.filter(isEntered).map((one) => {
      return nameOf(one, functions);
    });
    const [file = ""] = url.slice(sources.length).split("?");
    return entered.length === 0 ? [] : [[file, entered]];
  });
  return new Map(files.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * Not counted: a module's own code, which is the function that begins at 0, and
 * `__name`, which tsx puts into each file.
 */
function isEntered({ functionName, ranges }: Profiler.FunctionCoverage) {
  const [whole] = ranges;
  return (
    whole !== undefined &&
    whole.count > 0 &&
    whole.startOffset > 0 &&
    functionName !== "__name"
  );
}

/** A function without a name is named after the one that it stands in. */
function nameOf(
  one: Profiler.FunctionCoverage,
  functions: readonly Profiler.FunctionCoverage[],
): string {
  if (one.functionName !== "") return one.functionName;
  const around = functions
    .filter((other) => other.functionName !== "" && holds(other, one))
    .sort((a, b) => lengthOf(a) - lengthOf(b))[0];
  return around === undefined ? "callback" : `${around.functionName}>callback`;
}

function holds(
  outer: Profiler.FunctionCoverage,
  inner: Profiler.FunctionCoverage,
): boolean {
  const [a] = outer.ranges;
  const [b] = inner.ranges;
  return (
    a !== undefined &&
    b !== undefined &&
    a.startOffset <= b.startOffset &&
    a.endOffset >= b.endOffset
  );
}

function lengthOf({ ranges: [whole] }: Profiler.FunctionCoverage): number {
  return whole === undefined ? 0 : whole.endOffset - whole.startOffset;
}
