import { INTERRUPT } from "@langchain/langgraph";
import { ParallelToolNode } from "parallel-tools-node";
import type { DifferenceKind } from "./difference.js";
import { drawWorld } from "./draw/draw-world.js";
import { type Host, LIBRARY, type Subject } from "./host/create-host.js";
import { optionsOf } from "./host/options-of.js";
import { runWorld } from "./run-world.js";
import { type CallDraw, type Step, toolOf, type World } from "./world.js";

const SEED = 7;

/** The worlds of a seed that are as asked. */
export function* worldsThat(
  isRight: (world: World) => boolean,
): Generator<World> {
  for (let number = 0; ; number += 1) {
    const world = drawWorld(SEED, number);
    if (isRight(world)) yield world;
  }
}

export function take(count: number, worlds: Iterator<World>): World[] {
  return Array.from({ length: count }, () => worlds.next().value as World);
}

/** What differs, in the first worlds of a kind in which anything does so. */
export async function kindsFound(
  { worlds, subject, found, watchdogMs = 5_000 }: Fake,
  atMost = 160,
): Promise<DifferenceKind[]> {
  const all = worldsThat(worlds);
  const kinds = new Set<DifferenceKind>();
  for (let count = 0; count < atMost && !kinds.has(found); count += 8) {
    const results = await Promise.all(
      take(8, all).map((world) => runWorld(world, { subject, watchdogMs })),
    );
    for (const { differences } of results) {
      for (const { kind } of differences) kinds.add(kind);
    }
  }
  return [...kinds];
}

/** A call that hangs ends at its time limit, and the stock node has none. */
export const callsOf = ({ turns }: World): CallDraw[] =>
  turns.flatMap(({ calls }) => calls);
export const hangs = (world: World) =>
  callsOf(world).some(({ script }) =>
    script.some((step) => step.do === "fail" && step.how === "hang"),
  );
export const questionsIn = ({ script }: { script: readonly Step[] }) =>
  script.filter((step) => step.do === "ask").length;
export const isNode = ({ host }: World) => !host.kind.startsWith("agent");
export const asks = (world: World) =>
  callsOf(world).some((call) => questionsIn(call));
export const asksTwice = (world: World) =>
  callsOf(world).filter((call) => questionsIn(call) > 0).length > 1;

/** A node that is ours, but for what it does with one call. */
export function nodeThat(
  runTool: (run: () => Promise<unknown>) => Promise<unknown>,
): Subject {
  class WrongNode extends ParallelToolNode {
    protected override runTool(
      ...call: Parameters<ParallelToolNode["runTool"]>
    ) {
      return runTool(() => super.runTool(...call)) as never;
    }
  }
  return {
    ...LIBRARY,
    node: (world, { tools }) => new WrongNode(tools, optionsOf(world)),
  };
}

/** Ours, behind somebody who changes what is sent or shown. */
export function hostThat(
  invoke: (host: Host, input: unknown) => unknown,
): Subject {
  const between = (host: Host): Host => ({
    ...host,
    invoke: (input, config) =>
      Promise.resolve(
        invoke(
          { ...host, invoke: (given) => host.invoke(given, config) },
          input,
        ),
      ),
  });
  return { ...LIBRARY, between };
}

/** Ours, behind somebody who does other things with it. */
export function betweenThat(change: (host: Host) => Partial<Host>): Subject {
  return { ...LIBRARY, between: (host) => ({ ...host, ...change(host) }) };
}

export interface Paused {
  [INTERRUPT]?: unknown[];
}

/** What a human is asked about before calls are run. */
export function actionsIn(state: unknown): { args: unknown }[] {
  const [first] = (state as Paused)[INTERRUPT] ?? [];
  const { value } = (first ?? {}) as {
    value?: { actionRequests?: { args: unknown }[] };
  };
  return value?.actionRequests ?? [];
}

export const isReviewed = ({ host, tools, turns }: World) =>
  host.reviews !== "nowhere" &&
  turns.some(({ calls }) =>
    calls.some((_, index) => toolOf({ calls, tools }, index).isReviewed),
  );

export interface Fake {
  readonly name: string;
  readonly subject: Subject;
  readonly worlds: (world: World) => boolean;
  readonly found: DifferenceKind;
  readonly watchdogMs?: number;
}
