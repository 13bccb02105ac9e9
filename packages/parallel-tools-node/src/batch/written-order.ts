import { createHash } from "node:crypto";
import type { AIMessage } from "@langchain/core/messages";
import type { ToolCall } from "@langchain/core/messages/tool";
import type { ShownCall, ShownCalls } from "../langgraph/written-calls.js";
import { identityOf } from "../plan/identity-of.js";

/** A call of a message. */
export interface MessageCall extends ToolCall {
  /** The model wrote it, and it was taken out of `tool_calls` since: it isn't run. */
  readonly isRemoved?: boolean;
}

/**
 * How well the order is known in which the model wrote the calls of a message:
 *
 * - `"shown"`: the message shows it beside `tool_calls`, also after a checkpoint.
 * - `"assumed"`: `tool_calls` hasn't been changed since the message was made or was
 *   read from a checkpoint. What came before isn't known.
 * - `"unknown"`: `tool_calls` holds what the model didn't write, or what it wrote
 *   fits the calls in more than one way. It is taken as it stands.
 */
export type OrderKnowledge = "shown" | "assumed" | "unknown";

/** The calls of a message as the model wrote them. */
export interface WrittenOrder {
  readonly knowledge: OrderKnowledge;
  /** All calls in their order, the removed ones included. */
  readonly calls: readonly MessageCall[];
  /** For each of `tool_calls` its index in `calls`; `undefined`: its own. */
  readonly indexes?: readonly number[];
  /** The number of calls that the model wrote and whose places are unknown. */
  readonly missing?: number;
}

/**
 * Finds the order in which the model wrote the calls of a message. What looks at a
 * message before its tools run may have put `tool_calls` into another order,
 * changed calls, or taken some out. `humanInTheLoopMiddleware` does.
 *
 * Never throws, whatever the message holds.
 *
 * @param shown what the message shows of its calls beside `tool_calls`
 */
export function writtenOrder(
  message: AIMessage,
  { calls: shown, isKept }: ShownCalls,
): WrittenOrder {
  const { tool_calls: calls = [] } = message;
  const knowledge = isKept ? "shown" : "assumed";
  try {
    if (isSameOrder(shown, calls)) return { knowledge, calls };
    const order = orderBy(shown, message, knowledge);
    if (order !== undefined) return order;
  } catch {
    // What it shows is no list of calls.
  }
  const missing = Math.max(0, shown.length - calls.length);
  return { knowledge: "unknown", calls, missing };
}

/** The usual case, without a look at arguments. */
function isSameOrder(
  shown: readonly ShownCall[],
  calls: readonly ToolCall[],
): boolean {
  return (
    shown.length === calls.length &&
    calls.every(({ id }, index) => shown[index]?.id === id) &&
    haveOwnIds(calls)
  );
}

/** `undefined`: the calls of the message don't fit the written ones for certain. */
function orderBy(
  shown: readonly ShownCall[],
  { tool_calls: calls = [], invalid_tool_calls: unreadable = [] }: AIMessage,
  knowledge: "shown" | "assumed",
): WrittenOrder | undefined {
  const places = placesOf(calls, shown);
  if (places === undefined) return undefined;
  const open = new Set(shown.keys());
  for (const place of places) open.delete(place);
  dropUnreadable(open, shown, unreadable);
  // What was written and isn't in the message any more still has an ordinal.
  const all: (MessageCall | undefined)[] = Array.from({ length: shown.length });
  for (const place of open) all[place] = removedCall(shown[place]!);
  places.forEach((place, position) => {
    all[place] = calls[position];
  });
  const indexOf = new Map<number, number>();
  const written: MessageCall[] = [];
  all.forEach((call, place) => {
    if (call === undefined) return;
    indexOf.set(place, written.length);
    written.push(call);
  });
  const indexes = places.map((place) => indexOf.get(place) as number);
  return { knowledge, calls: written, indexes };
}

/**
 * For each call its place among the written ones. Calls are known by their ids. An
 * id that is missing or that several calls share leaves the name and arguments. Of
 * those calls, one whose arguments were edited is known by what is left over.
 */
function placesOf(
  calls: readonly ToolCall[],
  shown: readonly ShownCall[],
): number[] | undefined {
  const places: number[] = [];
  const shownById = groupById(shown);
  const callsById = groupById(calls);
  // Some providers send no ids, and other code may give calls ids of their own.
  if (![...callsById.keys()].some((id) => shownById.has(id))) {
    const all = [[...calls.keys()], [...shown.keys()]] as const;
    return matchAlike(calls, shown, ...all, places, true) ? places : undefined;
  }
  for (const [id, positions] of callsById) {
    const candidates = shownById.get(id);
    if (candidates === undefined) return undefined;
    const isId = id !== "";
    if (isId && positions.length === 1 && candidates.length === 1) {
      places[positions[0]!] = candidates[0]!;
    } else if (
      !matchAlike(calls, shown, positions, candidates, places, !isId)
    ) {
      return undefined;
    }
  }
  return places;
}

/**
 * Matches calls that ids don't tell apart: first those with equal arguments, then
 * the edited ones, in their order. Equal calls and edited ones keep their order
 * where calls are put into two groups by a rule for tools.
 *
 * @param keepNames an edited call must have kept its name
 * @returns whether there is one way only to match them
 */
function matchAlike(
  calls: readonly ToolCall[],
  shown: readonly ShownCall[],
  positions: readonly number[],
  candidates: readonly number[],
  places: number[],
  keepNames: boolean,
): boolean {
  if (positions.length > candidates.length) return false;
  const byDigest = groupBy(candidates, (place) => digestOfCall(shown[place]!));
  const left = new Set(candidates);
  const edited: number[] = [];
  const given = groupBy(positions, (at) => digestOfCall(calls[at]!));
  for (const [digest, alike] of given) {
    const equal = (digest !== undefined && byDigest.get(digest)) || [];
    // Which of several equal calls was taken out or edited can't be told.
    if (equal.length > alike.length) return false;
    alike.forEach((position, nth) => {
      const place = equal[nth];
      if (place === undefined) {
        edited.push(position);
        return;
      }
      places[position] = place;
      left.delete(place);
    });
  }
  if (edited.length === 0) return true;
  if (edited.length !== left.size) return false;
  const rest = [...left];
  edited.sort((a, b) => a - b);
  const fit = edited.every((position, nth) => {
    const place = rest[nth]!;
    places[position] = place;
    return !keepNames || shown[place]?.name === calls[position]?.name;
  });
  return fit && keepOrder(calls, positions, places);
}

/**
 * Whether calls of one tool stand in the order in which they were written. Where not,
 * one of them may have been edited to be equal to another.
 */
function keepOrder(
  calls: readonly ToolCall[],
  positions: readonly number[],
  places: readonly number[],
): boolean {
  const last = new Map<string, number>();
  return positions
    .toSorted((a, b) => a - b)
    .every((position) => {
      const { name } = calls[position]!;
      const place = places[position]!;
      const isLater = place > (last.get(name) ?? -1);
      last.set(name, place);
      return isLater;
    });
}

/** LangChain took these out because they aren't JSON. They have no ordinal. */
function dropUnreadable(
  open: Set<number>,
  shown: readonly ShownCall[],
  unreadable: readonly { id?: unknown; name?: unknown; args?: unknown }[],
): void {
  for (const { id, name, args } of unreadable) {
    for (const place of open) {
      const call = shown[place] as ShownCall;
      if (idOf(call.id) !== idOf(id)) continue;
      if (idOf(id) === "" && (call.name !== name || call.args !== args))
        continue;
      open.delete(place);
      break;
    }
  }
}

function removedCall({ id, name }: ShownCall): MessageCall {
  return {
    name: String(name),
    args: {},
    ...(typeof id === "string" && { id }),
    isRemoved: true,
  };
}

/**
 * A short text that two calls share if they have the same tool and equal arguments.
 * `undefined`: the arguments aren't JSON.
 */
export function digestOfCall({
  name,
  args,
  digest,
}: ShownCall): string | undefined {
  if (typeof digest === "string") return digest;
  const identity =
    typeof name === "string" ? identityOf(name, parsed(args)) : undefined;
  if (identity === undefined) return undefined;
  return createHash("sha256")
    .update(identity)
    .digest("base64url")
    .slice(0, DIGEST_LENGTH);
}

/** 96 bits. */
const DIGEST_LENGTH = 16;

function parsed(args: unknown): unknown {
  if (typeof args !== "string") return args;
  try {
    return JSON.parse(args) as unknown;
  } catch {
    return args;
  }
}

/** The indexes of calls by id. LangGraph answers a call without one under `""`. */
export function groupById(
  calls: readonly { readonly id?: unknown }[],
): Map<string, number[]> {
  return groupBy([...calls.keys()], (at) => idOf(calls[at]?.id));
}

function groupBy<Key>(
  places: readonly number[],
  keyOf: (place: number) => Key,
): Map<Key, number[]> {
  const groups = new Map<Key, number[]>();
  for (const place of places) {
    const key = keyOf(place);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [place]);
    else group.push(place);
  }
  return groups;
}

/** Whether no two calls share an id and none has an empty one. */
export function haveOwnIds(
  calls: readonly { readonly id?: unknown }[],
): boolean {
  const ids = new Set<unknown>();
  for (const { id } of calls) {
    if (typeof id !== "string" || id === "") return false;
    ids.add(id);
  }
  return ids.size === calls.length;
}

function idOf(id: unknown): string {
  return typeof id === "string" ? id : "";
}
