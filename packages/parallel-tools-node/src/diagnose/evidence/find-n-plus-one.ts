import type { NPlusOne } from "../finding.js";
import type { NeedyCall } from "./find-needs.js";
import type { StretchCall } from "./outline.js";

/**
 * Whether calls that could have been one turn are one call of a tool for each
 * entry of an earlier output: some argument of theirs differs from call to call,
 * and its values were all first seen in the output of one other call.
 *
 * @param calls those that could have been one turn
 */
export function findNPlusOne(calls: readonly NeedyCall[]): NPlusOne[] {
  const byTool = new Map<string, NeedyCall[]>();
  for (const needy of calls) {
    const { name } = needy.call;
    const others = byTool.get(name);
    if (others === undefined) byTool.set(name, [needy]);
    else others.push(needy);
  }
  return [...byTool].flatMap(([tool, own]) => {
    const turns = new Set(own.map(({ call }) => call.turn));
    const list = turns.size > 1 ? listBehind(own) : undefined;
    return list === undefined
      ? []
      : [{ list: list.name, tool, times: own.length }];
  });
}

function listBehind([first, ...rest]: readonly NeedyCall[]) {
  const shown = first?.explanation.firstShown ?? new Map<string, StretchCall>();
  for (const [path, list] of shown) {
    const isCommon = rest.every(
      ({ explanation }) => explanation.firstShown.get(path) === list,
    );
    // What all of them share is no entry of a list.
    if (isCommon && !isEqualIn([first as NeedyCall, ...rest], path))
      return list;
  }
  return undefined;
}

function isEqualIn(calls: readonly NeedyCall[], path: string): boolean {
  const values = calls.map(({ explanation }) => explanation.texts.get(path));
  return new Set(values).size < values.length;
}
