import type { ToolCall } from "@langchain/core/messages/tool";
import { callOf } from "../../support/messages.js";
import { type HostName, OURS } from "./protocol.js";

/** What is asked for in each run of a host, and what has to become of it. */
export interface Scenario {
  /** The calls of the one message of the model. */
  readonly calls: readonly ToolCall[];
  /** The calls of the one message of the subagent that call 5 starts. */
  readonly nested: readonly ToolCall[];
  /** The ids of all calls whose effects the ledger notes. */
  readonly ids: readonly string[];
  /**
   * Which call has to end before which starts. Written down here, not planned by
   * what is under test: 1 reads before 2 writes, 3 reads after that, 6 uses what
   * 4 and 5 have said, 7 what 3 has read, and 8 tells of all writes and of 6. In
   * a subagent 10 asks once 9 has been paid.
   */
  readonly orders: readonly (readonly [before: string, after: string])[];
  /** What the tools answer when all is in order, by call. */
  readonly answers: readonly string[];
}

const NESTED = [
  callOf("9", "pay", { invoice: 9 }),
  callOf("10", "approve", { what: "the subagent" }),
];

export function scenarioOf(host: HostName): Scenario {
  const isDeep = host === "deepagents";
  const calls = scenarioCalls(host);
  const nested = isDeep ? NESTED : [];
  return {
    calls,
    nested,
    ids: [...calls, ...nested]
      .filter(({ name }) => name !== "task")
      .map(({ id }) => String(id)),
    orders: isDeep
      ? [
          ...ORDERS.filter(([before]) => before !== "5"),
          ["9", "10"],
          ["9", "6"],
          ["10", "6"],
        ]
      : ORDERS,
    answers: host === "approvals" ? ANSWERS.with(7, EDITED_ANSWER) : ANSWERS,
  };
}

/** A model that can't refer to outputs has to know them before. */
function scenarioCalls(host: HostName): ToolCall[] {
  const ref = (reference: string, value: string) =>
    OURS.includes(host) ? reference : value;
  const isDeep = host === "deepagents";
  return [
    callOf("1", "read", { doc: "a" }),
    callOf("2", "write", { doc: "a", text: "one" }),
    callOf("3", "read", { doc: "a" }),
    callOf("4", "pay", { invoice: 7 }),
    isDeep
      ? callOf("5", "task", { description: "Ask.", subagent_type: "kid" })
      : callOf("5", "approve", { what: "the deployment" }),
    callOf("6", "deploy", {
      receipt: ref("$4", "receipt 7"),
      // What a subagent says comes in a Command, which has no output.
      approval: isDeep ? "yes" : ref("$5", "yes"),
    }),
    callOf("7", "write", { doc: "b", text: ref("$3", "one") }),
    callOf("8", "tell", { who: "everybody" }),
  ];
}

const ORDERS: readonly (readonly [before: string, after: string])[] = [
  ["1", "2"],
  ["2", "3"],
  ["4", "6"],
  ["5", "6"],
  ["3", "7"],
  ["2", "8"],
  ["6", "8"],
  ["7", "8"],
];

const ANSWERS: readonly string[] = [
  "1 success: empty",
  "2 success: a is one",
  "3 success: one",
  "4 success: receipt 7",
  "5 success: yes",
  "6 success: deployed with receipt 7 (yes)",
  "7 success: b is one",
  "8 success: told everybody",
];

/** The tools about whose calls a human decides before they are run. */
export const REVIEWED: readonly string[] = ["pay", "deploy", "tell"];

/** Whom the human has told instead. */
export const EDITED_WHO = "the team";
const EDITED_ANSWER = `8 success: told ${EDITED_WHO}`;
