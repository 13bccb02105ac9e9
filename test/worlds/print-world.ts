import { logText } from "./host/log.js";
import type { WorldResult } from "./run-world.js";
import { referenceText } from "./texts.js";
import {
  ALWAYS,
  type CallDraw,
  type HostDraw,
  type Step,
  type World,
} from "./world.js";

/** A world in words, one line for each part of it. */
function worldText(world: World): string {
  const { seed, number, host, options, tools, turns, human } = world;
  return [
    `seed ${seed}, world ${number}`,
    `host: ${flagsOf(host)}`,
    `options: ${flagsOf(
      options.sequential === false
        ? { ...options, sequentialBy: undefined }
        : options,
    )}`,
    ...tools.map((tool) => `tool ${flagsOf(tool)}`),
    ...turns.flatMap(({ calls }, place) =>
      calls.map(
        (call, index) => `t${place + 1}c${index + 1}: ${callText(call)}`,
      ),
    ),
    `human: ${human.forms.join(", ")}; edits ${human.edits.join(", ") || "nothing"}; forks: ${human.forks.join(", ") || "none"}`,
  ].join("\n");
}

/** A host in a few words, to count by. */
export function hostText({ kind, isDurable, isSubgraph }: HostDraw): string {
  const parts = [kind, isDurable && "durable", isSubgraph && "in a subgraph"];
  return parts.filter(Boolean).join(", ");
}

/** The world, its differences and, if asked for, all that happened. */
export function resultText(
  { world, differences, story, log }: WorldResult,
  isVerbose = false,
): string {
  return [
    worldText(world),
    ...story,
    ...(isVerbose ? log.map(logText) : []),
    ...differences.map(({ kind, detail }) => `DIFFERENCE ${kind}: ${detail}`),
  ].join("\n");
}

const NOTHING = new Set<unknown>([
  false,
  undefined,
  "none",
  "unsaid",
  "nowhere",
]);

/** What is said of something, without what says nothing. */
function flagsOf(draw: object): string {
  return Object.entries(draw)
    .flatMap(([key, value]: [string, unknown]) => {
      if (NOTHING.has(value)) return [];
      if (Array.isArray(value) && value.length === 0) return [];
      if (value === true) return [key];
      const text =
        typeof value === "object" ? JSON.stringify(value) : String(value);
      return [key === "name" || key === "kind" ? text : `${key}=${text}`];
    })
    .join(", ");
}

function callText(call: CallDraw): string {
  const {
    id,
    isAnswered,
    tool,
    key,
    reference,
    amount,
    sameAs,
    script,
    answersWith,
  } = call;
  const more = [
    id === undefined ? "no id" : `id "${id}"`,
    `key ${key}`,
    ...(reference ? [`refers to ${referenceText(reference)}`] : []),
    ...(amount === undefined ? [] : [`amount ${amount}`]),
    ...(sameAs === undefined ? [] : [`same as call ${sameAs + 1}`]),
    ...(answersWith === "command" ? ["gives a Command"] : []),
    ...(isAnswered ? ["answered by middleware"] : []),
  ];
  return `${tool} (${more.join(", ")}): ${script.map(stepText).join(", ") || "nothing"}`;
}

function stepText(step: Step): string {
  switch (step.do) {
    case "ask":
      return step.endsOnNo ? "ask (a no ends it)" : "ask";
    case "fail":
      return `${step.how} ${step.times === ALWAYS ? "always" : `${step.times} times`}`;
    default:
      return step.do;
  }
}
