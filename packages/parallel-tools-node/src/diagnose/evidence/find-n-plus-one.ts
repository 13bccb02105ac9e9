import type { NPlusOne } from "../finding.js";
import type { AnalyzedCall } from "./find-needs.js";
import type { StretchCall } from "./stretch.js";

/**
 * Finds tools that were called once for each entry of an earlier output: an
 * argument differs from call to call, and the output of one other call showed
 * all of its values first.
 *
 * @param calls those that could have been one turn
 */
export function findNPlusOne(calls: readonly AnalyzedCall[]): NPlusOne[] {
  const byTool = new Map<string, AnalyzedCall[]>();
  for (const one of calls) {
    const { name } = one.call;
    const others = byTool.get(name);
    if (others === undefined) byTool.set(name, [one]);
    else others.push(one);
  }
  return [...byTool].flatMap(([tool, own]) => {
    const turns = new Set(own.map(({ call }) => call.turn));
    const list = turns.size > 1 ? listBehind(own) : undefined;
    return list === undefined
      ? []
      : [{ list: list.name, tool, times: own.length }];
  });
}

function listBehind([first, ...rest]: readonly AnalyzedCall[]) {
  const shown = first?.explanation.firstShown ?? new Map<string, StretchCall>();
  for (const [path, list] of shown) {
    const isCommon = rest.every(
      ({ explanation }) => explanation.firstShown.get(path) === list,
    );
    // A value that all of them share is no entry of a list.
    if (isCommon && !isEqualIn([first as AnalyzedCall, ...rest], path))
      return list;
  }
  return undefined;
}

function isEqualIn(calls: readonly AnalyzedCall[], path: string): boolean {
  const values = calls.map(({ explanation }) => explanation.texts.get(path));
  return new Set(values).size < values.length;
}
