import { attemptsAllowed } from "../oracle/attempts-allowed.js";
import type { Random } from "../random.js";
import {
  ALWAYS,
  areTasks,
  type CallDraw,
  type HostDraw,
  type OptionsDraw,
  type ReferenceDraw,
  type Step,
  type ToolDraw,
} from "../world.js";
import { canHang } from "./draw-tools.js";

type FailStep = Extract<Step, { do: "fail" }>;

export function drawCalls(
  random: Random,
  host: HostDraw,
  options: OptionsDraw,
  tools: readonly ToolDraw[],
): CallDraw[] {
  const calls: CallDraw[] = [];
  const count = random.between(2, 6);
  while (calls.length < count) {
    const tool = random.pick(tools);
    calls.push(drawCall(random, host, options, tools, tool, calls));
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
): CallDraw {
  const reference =
    options.references && !tool.dedupe && !(host.isDurable && canHang(tool))
      ? drawReference(random, calls)
      : undefined;
  const canRepeat = tool.dedupe && options.sequential === false;
  const sameAs = canRepeat ? findSame(random, tools, tool, calls) : undefined;
  const answersWith =
    tool.dedupe || random.chance(0.85) ? "text" : ("command" as const);
  return {
    id: `id_${calls.length + 1}`,
    tool: tool.name,
    key: random.pick(["a", "b"]),
    reference,
    amount: options.references && random.chance(0.1) ? "$9" : undefined,
    sameAs,
    script: drawScript(random, drawFailure(random, host, tool), tool),
    answersWith,
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
  const isBetweenOthers = host.delaysInFront || host.delaysBehind;
  if (isBetweenOthers && (least === 1 || how === "hang")) return undefined;
  const times =
    least === 1
      ? areTasks(host) && random.chance(0.5)
        ? 1
        : ALWAYS
      : isBetweenOthers || random.chance(0.7)
        ? random.between(1, least - 1)
        : ALWAYS;
  return { do: "fail", how, times };
}

function drawScript(
  random: Random,
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
  // With a time limit it must not depend on the machine whether it is kept.
  const timeless = script.filter(
    (step) => !canHang(tool) || step.do !== "pause",
  );
  if (failure === undefined) return timeless;
  const place = random.between(0, timeless.length);
  return timeless.toSpliced(place, 0, failure);
}
