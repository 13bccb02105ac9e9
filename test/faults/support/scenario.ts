import type { ToolCall } from "@langchain/core/messages/tool";
import { callOf } from "../../support/messages.js";

/**
 * The calls of the one message of each run. A model that can't refer to outputs
 * has to know them before.
 */
export function scenarioCalls(canRefer: boolean): ToolCall[] {
  const ref = (reference: string, value: string) =>
    canRefer ? reference : value;
  return [
    callOf("1", "read", { doc: "a" }),
    callOf("2", "write", { doc: "a", text: "one" }),
    callOf("3", "read", { doc: "a" }),
    callOf("4", "pay", { invoice: 7 }),
    callOf("5", "approve", { what: "the deployment" }),
    callOf("6", "deploy", {
      receipt: ref("$4", "receipt 7"),
      approval: ref("$5", "yes"),
    }),
    callOf("7", "write", { doc: "b", text: ref("$3", "one") }),
    callOf("8", "tell", { who: "everybody" }),
  ];
}

/** The ids of all calls. */
export const CALL_IDS: readonly string[] = scenarioCalls(true).map(({ id }) =>
  String(id),
);

/**
 * Which call has to end before which starts. Written down here, not planned by
 * what is under test: 1 reads before 2 writes, 3 reads after that, 6 uses what
 * 4 and 5 have said, 7 what 3 has read, and 8 tells of all writes and of 6.
 */
export const ORDERS: readonly (readonly [before: string, after: string])[] = [
  ["1", "2"],
  ["2", "3"],
  ["4", "6"],
  ["5", "6"],
  ["3", "7"],
  ["2", "8"],
  ["6", "8"],
  ["7", "8"],
];

/** What the tools answer when all is in order, by call. */
export const ANSWERS: readonly string[] = [
  "1 ok: empty",
  "2 ok: a is one",
  "3 ok: one",
  "4 ok: receipt 7",
  "5 ok: yes",
  "6 ok: deployed with receipt 7 (yes)",
  "7 ok: b is one",
  "8 ok: told everybody",
];
