import { type BaseMessage, isAIMessage } from "@langchain/core/messages";
import { Command } from "@langchain/langgraph";
import { ToolNode } from "@langchain/langgraph/prebuilt";
import { ParallelToolNode } from "parallel-tools-node";
import { describe, expect, test } from "vitest";
import {
  actionsIn,
  asks,
  betweenThat,
  type Fake,
  hangs,
  hostThat,
  isReviewed,
  kindsFound,
} from "./fakes.js";
import { LIBRARY, STOCK } from "./host/create-host.js";
import { optionsOf } from "./host/options-of.js";

const FAKES: readonly Fake[] = [
  {
    name: "keeps no order from the second turn on",
    subject: {
      ...LIBRARY,
      node: (world, stage) => {
        class Forgetful extends ParallelToolNode {
          override async run(...[input, config]: Parameters<ToolNode["run"]>) {
            const { messages } = input as { messages: BaseMessage[] };
            const isFirst = messages.filter(isAIMessage).length === 1;
            if (isFirst) return super.run(input, config);
            return new ToolNode(stage.tools).invoke(input, config) as never;
          }
        }
        return new Forgetful(stage.tools, optionsOf(world));
      },
    },
    worlds: (world) =>
      world.host.kind === "graph" && !hangs(world) && world.turns.length > 1,
    found: "out of order",
  },
  {
    name: "takes the id of an earlier turn for an answer",
    subject: STOCK,
    worlds: (world) =>
      world.host.kind === "graph" &&
      !hangs(world) &&
      !world.tools.some(({ hasPolicy }) => hasPolicy) &&
      world.turns.length > 1,
    found: "messages",
  },
  {
    name: "takes no notice of an edit",
    subject: betweenThat((host) => ({
      edit: (config) => host.checkpoint(config),
    })),
    worlds: (world) =>
      asks(world) && world.human.edits.some((edit) => edit.endsWith("call")),
    found: "ran with other arguments",
  },
  {
    name: "answers on a fork what was answered on another branch",
    subject: STOCK,
    worlds: (world) =>
      world.host.kind === "react v2" &&
      world.host.isDurable &&
      !hangs(world) &&
      asks(world) &&
      world.human.forks.includes("by id"),
    found: "answer of another",
  },
  {
    name: "keeps the answers of one branch for another",
    subject: {
      ...LIBRARY,
      node: (world, { tools }) => {
        const ended = new Map<string, unknown>();
        class Hoarding extends ParallelToolNode {
          protected override async runTool(
            ...call: Parameters<ParallelToolNode["runTool"]>
          ) {
            const key = JSON.stringify(call[0].args);
            const answer = ended.get(key) ?? (await super.runTool(...call));
            ended.set(key, answer);
            return answer as never;
          }
        }
        return new Hoarding(tools, optionsOf(world));
      },
    },
    worlds: (world) =>
      world.host.kind === "graph" &&
      !world.host.isNewEachRun &&
      asks(world) &&
      world.human.forks.includes("null"),
    found: "never ran",
  },
  {
    name: "decides about calls without a human",
    subject: hostThat(async (host, input) => {
      const state = await host.invoke(input, {});
      const decisions = actionsIn(state).map(() => ({ type: "approve" }));
      return decisions.length === 0
        ? state
        : host.invoke(new Command({ resume: { decisions } }), {});
    }),
    worlds: isReviewed,
    found: "ran before its review",
  },
  {
    name: "shows a human other calls than it runs",
    subject: hostThat(async (host, input) => {
      const state = await host.invoke(input, {});
      const [first] = actionsIn(state);
      if (first !== undefined) first.args = { number: 99 };
      return state;
    }),
    worlds: isReviewed,
    found: "another review",
  },
];

describe("what differs from the rules is found in a host that", () => {
  test.each(FAKES)("$name", { timeout: 30_000 }, async (fake) => {
    expect(await kindsFound(fake)).toContain(fake.found);
  });
});
