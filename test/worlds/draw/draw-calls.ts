import { attemptsAllowed } from "../oracle/attempts-allowed.js";
import type { Random } from "../random.js";
import {
  ALWAYS,
  type CallDraw,
  type HostDraw,
  keepsAnswers,
  type OptionsDraw,
  type ReferenceDraw,
  type Step,
  type ToolDraw,
} from "../world.js";
import { drawId, type Naming } from "./draw-ids.js";
import { canHang } from "./draw-tools.js";

type FailStep = Extract<Step, { do: "fail" }>;

/** @param turn the number of the message, from 0 */
export function drawCalls(
  random: Random,
  host: HostDraw,
  options: OptionsDraw,
  tools: readonly ToolDraw[],
  naming: Naming,
  turn: number,
): CallDraw[] {
  const calls: CallDraw[] = [];
  const count = random.between(2, turn === 0 ? 6 : 4);
  while (calls.length < count) {
    const tool = random.pick(tools);
    const id = drawId(random, naming, turn, calls.length);
    const call = drawCall(random, host, options, tools, tool, calls);
    calls.push({ ...call, id });
  }
  return calls;
}

function drawCall(
  random: Random,
  host: HostDraw,
  options: OptionsDraw,
  tools: readonly ToolDraw[],
  tool: ToolDraw,
  calls: readonly CallDraw[],
): Omit<CallDraw, "id"> {
  const reference =
    options.references && !tool.dedupe && !(host.isDurable && canHang(tool))
      ? drawReference(random, calls)
      : undefined;
  const canRepeat = tool.dedupe && options.sequential === false;
  const sameAs = canRepeat ? findSame(random, tools, tool, calls) : undefined;
  const answersWith =
    tool.dedupe || random.chance(0.85) ? "text" : ("command" as const);
  const isAnswered =
    host.answers !== "nowhere" && !tool.dedupe && random.chance(0.35);
  return {
    tool: tool.name,
    key: random.pick(["a", "b"]),
    reference,
    amount: options.references && random.chance(0.1) ? "$9" : undefined,
    sameAs,
    script: drawScript(random, host, drawFailure(random, host, tool), tool),
    answersWith,
    isAnswered,
  };
}

function drawReference(
  random: Random,
  calls: readonly CallDraw[],
): ReferenceDraw | undefined {
  const targets = calls.flatMap(({ answersWith }, index) =>
    answersWith === "text" ? [index] : [],
  );
  if (targets.length === 0 || random.chance(0.6)) return undefined;
  const path = random.weighted({
    "": 6,
    ".call": 5,
    ".got": 4,
    ".got[0]": 3,
    ".nothing": 1,
  });
  const form = random.weighted({ plain: 6, braces: 2, output: 2 });
  return { to: random.pick(targets), path, form };
}

/** An earlier call of the tool, with no barrier in between. */
function findSame(
  random: Random,
  tools: readonly ToolDraw[],
  { name }: ToolDraw,
  calls: readonly CallDraw[],
): number | undefined {
  const isBarrier = (call: CallDraw) =>
    tools.some(
      (tool) =>
        tool.name === call.tool && tool.hasPolicy && tool.sequential !== false,
    );
  const barrier = calls.findLastIndex(isBarrier);
  const same = calls.flatMap((call, index) =>
    index > barrier && call.tool === name && call.sameAs === undefined
      ? [index]
      : [],
  );
  return same.length > 0 && random.chance(0.6) ? random.pick(same) : undefined;
}

function drawFailure(
  random: Random,
  host: HostDraw,
  tool: ToolDraw,
): FailStep | undefined {
  if (tool.dedupe || random.chance(0.6)) return undefined;
  const how = canHang(tool) ? "hang" : random.pick(["throw", "429"] as const);
  const isSlow =
    tool.hasPolicy &&
    tool.retry === "unsaid" &&
    tool.promise !== "none" &&
    how !== "429";
  if (isSlow) return undefined;
  const { least } = attemptsAllowed(tool, how);
  const isBetweenOthers = hasOthers(host);
  if (host.retries !== "nowhere" && how !== "hang" && least === 1) {
    return { do: "fail", how: "throw", times: 1 };
  }
  if (isBetweenOthers && (least === 1 || how === "hang")) return undefined;
  const times =
    least === 1
      ? keepsAnswers(host) && random.chance(0.5)
        ? 1
        : ALWAYS
      : isBetweenOthers || random.chance(0.7)
        ? random.between(1, least - 1)
        : ALWAYS;
  return { do: "fail", how, times };
}

/** Other middleware has a `wrapToolCall`. */
function hasOthers(host: HostDraw): boolean {
  return (
    host.delaysInFront ||
    host.delaysBehind ||
    host.retries !== "nowhere" ||
    host.answers !== "nowhere"
  );
}

function drawScript(
  random: Random,
  host: HostDraw,
  failure: FailStep | undefined,
  tool: ToolDraw,
): Step[] {
  const script: Step[] = [];
  let questions = random.weighted({ "0": 5, "1": 4, "2": 2, "3": 1 });
  const count = random.between(1, 6);
  for (let step = 0; step < count; step += 1) {
    const what = random.weighted({ effect: 4, pause: 3, ask: 4 });
    if (what !== "ask") {
      script.push({ do: what });
    } else if (questions !== "0") {
      questions = String(Number(questions) - 1) as typeof questions;
      script.push({ do: "ask", endsOnNo: random.chance(0.3) });
    }
  }
  // A call that middleware in front runs again is alone: it doesn't wait for the
  // others with its question, and others may not have come to us yet.
  const isAlone = host.retries === "front" && failure !== undefined;
  if (isAlone) {
    script.splice(0, Infinity, ...script.filter((step) => step.do !== "ask"));
  }
  // With a time limit it must not depend on the machine whether it is kept.
  const timeless = script.filter(
    (step) => !canHang(tool) || step.do !== "pause",
  );
  if (failure === undefined) return timeless;
  // Whether a call that other middleware runs again asks again is open.
  const place =
    host.retries === "nowhere" ? random.between(0, timeless.length) : 0;
  return timeless.toSpliced(place, 0, failure);
}
