import { describe, expect, test } from "vitest";
import { Notes } from "../middleware/support/notes.js";
import { AGENT_HOSTS, type AgentHost } from "../support/agent-hosts.js";
import { callOf } from "../support/messages.js";
import { normalised } from "./support/normalised.js";
import {
  collect,
  GO,
  hostProgram,
  type Interrupts,
  once,
  OUR_WAYS,
  THREAD,
  type Way,
} from "./support/three-ways.js";

const BREAKPOINTS: readonly Interrupts[] = [
  { interruptBefore: ["tools"] },
  { interruptAfter: ["tools"] },
  { interruptBefore: ["tools"], interruptAfter: ["tools"] },
  { interruptBefore: "*" },
  { interruptAfter: "*" },
];

const TURNS = [
  [callOf("1", "pay"), callOf("2", "break"), callOf("3", "pay", { n: 2 })],
  [callOf("4", "pay")],
];

/** Goes on at each breakpoint. What was there at each, and what tools did. */
async function walk(
  way: Way,
  host: AgentHost,
  breakpoints: Interrupts,
  where: "compile" | "invoke",
) {
  const notes = new Notes();
  const agent = hostProgram(way, host, {
    tools: [notes.tool("pay"), notes.failing("break")],
    turns: TURNS,
    ...(where === "compile" && { interrupts: breakpoints }),
  });
  const config = { ...THREAD, ...(where === "invoke" && breakpoints) };
  const stops: unknown[] = [];
  let state: unknown = await agent.invoke(GO, config);
  for (let left = 20; left > 0; left -= 1) {
    const { next, tasks } = await agent.getState(THREAD);
    const open = tasks.map(({ name, interrupts, error }) => ({
      name,
      interrupts,
      error,
    }));
    stops.push({ state, next, open, log: notes.log.splice(0) });
    if (next.length === 0) return normalised(stops);
    state = await agent.invoke(null, config);
  }
  throw new Error("It goes on for ever.");
}

/** `createAgent` takes no breakpoints where it is made. */
const PLACES = AGENT_HOSTS.flatMap((host) =>
  (["compile", "invoke"] as const)
    .filter((where) => where === "invoke" || !host.startsWith("agent"))
    .map((where) => ({ host, where })),
);

describe.each(PLACES)(
  "In $host, with breakpoints given at $where,",
  ({ host, where }) => {
    describe.each(OUR_WAYS)("%s", (way) => {
      test.each(BREAKPOINTS)(
        "stops, and goes on, as stock does at %j",
        async (breakpoints) => {
          const stock = await once([host, where, breakpoints], () =>
            walk("stock", host, breakpoints, where),
          );
          expect((stock as unknown[]).length).toBeGreaterThan(1);
          expect(await walk(way, host, breakpoints, where)).toEqual(stock);
        },
      );

      test.each(BREAKPOINTS)(
        "streams the stop as stock does at %j",
        async (breakpoints) => {
          const streamed = async (who: Way) => {
            const notes = new Notes();
            const tools = [notes.tool("pay"), notes.failing("break")];
            const interrupts = where === "compile" ? breakpoints : {};
            const program = { tools, turns: TURNS, interrupts };
            const agent = hostProgram(who, host, program);
            const config = {
              ...THREAD,
              ...(where === "invoke" && breakpoints),
              streamMode: ["updates", "values"],
              subgraphs: true,
            };
            const first = await collect(agent.stream(GO, config));
            return normalised([
              first,
              await collect(agent.stream(null, config)),
            ]);
          };
          const stock = await once(["streamed", host, where, breakpoints], () =>
            streamed("stock"),
          );
          expect(await streamed(way)).toEqual(stock);
        },
      );
    });
  },
);
