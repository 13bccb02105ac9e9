import type { PlayOptions } from "./play.js";
import { runWorld, type WorldResult } from "./run-world.js";
import type {
  CallDraw,
  Form,
  HostDraw,
  HumanDraw,
  ToolDraw,
  World,
} from "./world.js";

/** A world may need several tries to differ again: its delays are real. */
const TRIES = 4;
const MAX_MS = 10_000;

/**
 * Takes from a world what it does not need to differ in the same way. Greedy:
 * one thing after the other, until nothing more can go.
 */
export async function shrinkWorld(
  result: WorldResult,
  options?: PlayOptions,
): Promise<WorldResult> {
  const kind = result.differences[0]?.kind;
  let smallest = result;
  let isSmaller = true;
  const until = performance.now() + MAX_MS;
  while (isSmaller && performance.now() < until) {
    isSmaller = false;
    for (const world of smallerThan(smallest.world)) {
      const again = await findAgain(world, kind, options);
      if (again === undefined) continue;
      smallest = again;
      isSmaller = true;
      break;
    }
  }
  return smallest;
}

async function findAgain(
  world: World,
  kind: string | undefined,
  options: PlayOptions | undefined,
): Promise<WorldResult | undefined> {
  for (let count = 0; count < TRIES; count += 1) {
    const result = await runWorld(world, options);
    if (result.differences[0]?.kind === kind) return result;
  }
  return undefined;
}

/** Each with one thing less. */
function* smallerThan(world: World): Generator<World> {
  const { host, options, tools, turns, human } = world;
  for (const place of turns.keys()) {
    if (turns.length === 1) break;
    yield { ...world, turns: turns.toSpliced(place, 1) };
  }
  for (const [place, turn] of turns.entries()) {
    for (const calls of smallerTurns(turn.calls)) {
      yield { ...world, turns: turns.with(place, { calls }) };
    }
  }
  for (const smaller of smallerHumans(human)) {
    yield { ...world, human: smaller };
  }
  for (const [index, tool] of tools.entries()) {
    const isUsed = turns.some(({ calls }) =>
      calls.some((call) => call.tool === tool.name),
    );
    if (!isUsed) {
      const after = (names: readonly string[]) =>
        names.filter((name) => name !== tool.name);
      yield {
        ...world,
        tools: tools
          .toSpliced(index, 1)
          .map((one) => ({ ...one, after: after(one.after) })),
      };
      continue;
    }
    for (const smaller of smallerTools(tool)) {
      yield { ...world, tools: tools.with(index, smaller) };
    }
  }
  for (const smaller of simplerHosts(host)) yield { ...world, host: smaller };
  if (options.sequential !== false) {
    yield { ...world, options: { ...options, sequential: false } };
  }
  if (options.eager) yield { ...world, options: { ...options, eager: false } };
  if (options.maxConcurrency !== undefined) {
    yield { ...world, options: { ...options, maxConcurrency: undefined } };
  }
}

function* smallerTurns(calls: readonly CallDraw[]): Generator<CallDraw[]> {
  for (const index of calls.keys()) {
    const fewer = withoutCall(calls, index);
    if (calls.length > 1 && fewer) yield fewer;
  }
  for (const [index, call] of calls.entries()) {
    for (const smaller of smallerCalls(call)) yield calls.with(index, smaller);
  }
}

function* smallerHumans(human: HumanDraw): Generator<HumanDraw> {
  for (const place of human.edits.keys()) {
    yield { ...human, edits: human.edits.toSpliced(place, 1) };
  }
  for (const place of human.forks.keys()) {
    yield { ...human, forks: human.forks.toSpliced(place, 1) };
  }
  for (const form of human.forms) {
    const forms = human.forms.filter((one) => one !== form);
    if (forms.some(goesOn)) yield { ...human, forms };
  }
}

function goesOn(form: Form): boolean {
  return ["plain", "one", "some", "all"].includes(form);
}

/** `undefined`: another call needs it. */
function withoutCall(
  calls: readonly CallDraw[],
  index: number,
): CallDraw[] | undefined {
  const isNeeded = calls.some(
    ({ reference, sameAs }) => reference?.to === index || sameAs === index,
  );
  if (isNeeded) return undefined;
  const moved = (place: number) => (place > index ? place - 1 : place);
  return calls.toSpliced(index, 1).map((call) => ({
    ...call,
    sameAs: call.sameAs === undefined ? undefined : moved(call.sameAs),
    reference: call.reference && {
      ...call.reference,
      to: moved(call.reference.to),
    },
  }));
}

function* smallerCalls(call: CallDraw): Generator<CallDraw> {
  const { script, reference, amount, sameAs, answersWith, isAnswered } = call;
  if (isAnswered) yield { ...call, isAnswered: false };
  if (reference) yield { ...call, reference: undefined };
  if (amount !== undefined) yield { ...call, amount: undefined };
  if (sameAs !== undefined) yield { ...call, sameAs: undefined };
  if (answersWith === "command") yield { ...call, answersWith: "text" };
  for (const [place, step] of script.entries()) {
    yield { ...call, script: script.toSpliced(place, 1) };
    if (step.do === "ask" && step.endsOnNo) {
      const simple = { ...step, endsOnNo: false };
      yield { ...call, script: script.with(place, simple) };
    }
  }
}

function* smallerTools(tool: ToolDraw): Generator<ToolDraw> {
  if (tool.isReviewed) yield { ...tool, isReviewed: false };
  if (!tool.hasPolicy) return;
  if (tool.access !== "none") yield { ...tool, access: "none" };
  if (tool.sequential !== false) yield { ...tool, sequential: false };
  if (tool.after.length > 0) yield { ...tool, after: [] };
}

function* simplerHosts(host: HostDraw): Generator<HostDraw> {
  if (host.isSubgraph) yield { ...host, isSubgraph: false };
  if (host.isNewEachRun) yield { ...host, isNewEachRun: false };
  for (const place of ["retries", "answers", "reviews"] as const) {
    if (host[place] !== "nowhere") yield { ...host, [place]: "nowhere" };
  }
  if (host.delaysInFront) yield { ...host, delaysInFront: false };
  if (host.delaysBehind) yield { ...host, delaysBehind: false };
  if (host.durability !== "sync") yield { ...host, durability: "sync" };
}
