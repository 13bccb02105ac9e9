import { isToolMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { interrupt } from "@langchain/langgraph";
import { type ParallelToolNodeOptions, resource } from "parallel-tools-node";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import {
  AGENT_HOSTS,
  type AgentHost,
  GO,
  hostAgent,
} from "../support/agent-hosts.js";
import { LoggedModel } from "../support/logged-model.js";
import { callOf } from "../support/messages.js";
import { asksOneByOne, Desk, type Host, HOSTS } from "./desk.js";

const what = z.object({ what: z.string() });

/** What each subagent asks for in its one message. */
const TEAM = {
  ann: [callOf("a1", "pay", { what: "x" })],
  bob: [
    callOf("b1", "look", { what: "it up" }),
    callOf("b2", "pay", { what: "y" }),
    callOf("b3", "pay", { what: "z" }),
  ],
  cyd: [callOf("c1", "look", { what: "around" })],
};
const WILL: Readonly<Record<string, string>> = {
  "pay x?": "no",
  "pay y?": "yes",
  "pay z?": "no, not y",
};

/** Subagents behind a cap that share a resource, and what their tools did. */
function team(inside: AgentHost, options: ParallelToolNodeOptions = {}) {
  const bank = resource({ concurrency: 2 });
  const log: string[] = [];
  const pay = tool(
    ({ what: whom }) => {
      const said: string = interrupt(`pay ${whom}?`);
      log.push(`pay ${whom}: ${said}`);
      return `${whom} ${said}`;
    },
    { name: "pay", description: "Pays.", schema: what },
  );
  const look = tool(
    ({ what: where }) => {
      log.push(`look ${where}`);
      return `looked ${where}`;
    },
    { name: "look", description: "Looks.", schema: what },
  );
  const shared: ParallelToolNodeOptions = {
    ...options,
    resources: { bank },
    defaultPolicy: { resources: "bank" },
  };
  const delegates = Object.entries(TEAM).map(([name, calls]) => {
    const model = new LoggedModel(name, [calls], log);
    const agent = hostAgent(inside, model, [pay, look], shared);
    return tool(
      async () => {
        log.push(`${name} begins`);
        const { messages } = await agent.invoke(GO);
        const answers = messages.filter((message) => isToolMessage(message));
        return answers.map(({ text }) => text).join(", ");
      },
      { name, description: name, schema: z.looseObject({}) },
    );
  });
  const calls = Object.keys(TEAM).map((name, i) => callOf(`${i + 1}`, name));
  return { log, shared, delegates, calls };
}

/** Answers what is open until nothing is. Gives what surfaced, round by round. */
async function answerAll(
  desk: Desk,
  choose: (open: readonly string[]) => readonly string[],
): Promise<string[][]> {
  const rounds = [await desk.start()];
  while (desk.open.length > 0 && rounds.length < 12) {
    const open = desk.open.map(({ value }) => String(value));
    const chosen = choose(open).map((question) => [question, WILL[question]]);
    rounds.push(await desk.answer(Object.fromEntries(chosen)));
  }
  return rounds;
}

const WAYS: Readonly<
  Record<string, (open: readonly string[]) => readonly string[]>
> = {
  "all at once": (open) => open,
  "the last one first": (open) => open.slice(-1),
};

const ANSWERS = [
  "1: x no",
  "2: looked it up, y yes, z no, not y",
  "3: looked around",
];

/** What surfaces in each round. */
function roundsOf(host: Host, insideTogether: boolean, way: string) {
  if (way === "all at once") {
    if (asksOneByOne(host)) {
      return insideTogether
        ? [["pay x?"], ["pay y?", "pay z?"], []]
        : [["pay x?"], ["pay y?"], ["pay z?"], []];
    }
    return insideTogether
      ? [["pay x?", "pay y?", "pay z?"], []]
      : [["pay x?", "pay y?"], ["pay z?"], []];
  }
  if (asksOneByOne(host)) {
    return insideTogether
      ? [["pay x?"], ["pay y?", "pay z?"], ["pay y?"], []]
      : [["pay x?"], ["pay y?"], ["pay z?"], []];
  }
  return insideTogether
    ? [["pay x?", "pay y?", "pay z?"], ["pay x?", "pay y?"], ["pay x?"], []]
    : [["pay x?", "pay y?"], ["pay x?", "pay z?"], ["pay x?"], []];
}

const CASES = AGENT_HOSTS.flatMap((inside) =>
  Object.keys(WAYS).map((way) => ({ inside, way })),
);

/** What of it is in a log, and how often: `{ "ann begins": 2 }`. */
function counted(log: readonly string[], words: RegExp) {
  const counts: Record<string, number> = {};
  for (const line of log) {
    if (words.test(line)) counts[line] = (counts[line] ?? 0) + 1;
  }
  return counts;
}

const ONCE = {
  "ann model 1": 1,
  "ann model 2": 1,
  "bob model 1": 1,
  "bob model 2": 1,
  "cyd model 1": 1,
  "cyd model 2": 1,
};
const DONE_ONCE = {
  "look it up": 1,
  "look around": 1,
  "pay x: no": 1,
  "pay y: yes": 1,
  "pay z: no, not y": 1,
};

describe.each(HOSTS)("in $name,", (host) => {
  test.each(CASES)(
    "questions of subagents ($inside) that are answered $way reach their own calls",
    async ({ inside, way }) => {
      const { log, shared, delegates, calls } = team(inside);
      const desk = new Desk(host, delegates, calls, { options: shared });
      const rounds = await answerAll(desk, WAYS[way]!);
      expect(rounds).toEqual(roundsOf(host, inside.endsWith("v2"), way));
      expect(desk.answers).toEqual(ANSWERS);
      const paid = log.filter((line) => line.startsWith("pay"));
      expect(new Set(paid)).toEqual(
        new Set(["pay x: no", "pay y: yes", "pay z: no, not y"]),
      );
      expect(counted(log, /model/)).toEqual(ONCE);
      // Where all calls are one task, those that have finished run again.
      const { "cyd begins": begun } = counted(log, /cyd begins/);
      expect(begun === 1 || asksOneByOne(host)).toBe(true);
    },
  );

  test.each(CASES)(
    "nothing of durable subagents ($inside) runs twice when they are answered $way",
    async ({ inside, way }) => {
      const { log, shared, delegates, calls } = team(inside, { durable: true });
      const { durable: _, ...options } = shared;
      const desk = new Desk(host, delegates, calls, { options });
      const rounds = await answerAll(desk, WAYS[way]!);
      expect(rounds).toEqual(roundsOf(host, true, way));
      expect(desk.answers).toEqual(ANSWERS);
      expect(counted(log, /model/)).toEqual(ONCE);
      expect(counted(log, /^(look|pay)/)).toEqual(DONE_ONCE);
    },
  );
});
