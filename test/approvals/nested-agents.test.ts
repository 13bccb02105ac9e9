import { tool } from "@langchain/core/tools";
import {
  Annotation,
  interrupt,
  MessagesAnnotation,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { settle } from "../support/fake-clock.js";
import { callOf } from "../support/messages.js";
import { Desk, HOSTS } from "./desk.js";

const schema = z.object({ what: z.string() });

/** A graph with a step that is done once and a step that asks. */
function subAgent(steps: string[]) {
  const State = Annotation.Root({
    ...MessagesAnnotation.spec,
    who: Annotation<string>,
    said: Annotation<string>,
  });
  return new StateGraph(State)
    .addNode("prepare", ({ who }) => {
      steps.push(`${who} prepares`);
      return {};
    })
    .addNode("ask", ({ who }) => ({
      said: interrupt<string, string>(`${who}?`),
    }))
    .addEdge(START, "prepare")
    .addEdge("prepare", "ask")
    .compile();
}

describe.each(HOSTS)("in $name,", (host) => {
  test.each(["by id", "plain"])(
    "agents inside tools get their own answers, whichever begins first (%s)",
    async (form) => {
      const steps: string[] = [];
      const turns = { wipe: 3, greet: 0 };
      const agent = subAgent(steps);
      const delegate = tool(
        async ({ what: who }) => {
          for (let n = turns[who as "wipe"]; n > 0; n -= 1) await settle();
          const { said } = await agent.invoke({ who });
          if (said === "yes") steps.push(`${who} done`);
          return `${who} ${said}`;
        },
        { name: "delegate", description: "Delegates.", schema },
      );
      const calls = [
        callOf("1", "delegate", { what: "wipe" }),
        callOf("2", "delegate", { what: "greet" }),
      ];
      const options = {
        policies: { delegate: { sequential: form === "plain" } },
      };
      const desk = new Desk(host, [delegate], calls, { options });
      await desk.start();
      for (let run = 0; desk.open.length > 0 && run < 5; run += 1) {
        [turns.wipe, turns.greet] = [turns.greet, turns.wipe];
        const question = String(desk.open[0]?.value);
        const answer = question === "wipe?" ? "no" : "yes";
        if (form === "plain") await desk.say(answer);
        else await desk.answer({ [question]: answer });
      }
      expect(desk.answers).toEqual(["1: wipe no", "2: greet yes"]);
      expect(new Set(steps)).toEqual(
        new Set(["wipe prepares", "greet prepares", "greet done"]),
      );
      const prepared = steps.filter((step) => step === "wipe prepares");
      expect(prepared).toHaveLength(1);
    },
  );

  test("a plain answer to an agent inside a tool is not for the tool's own question", async () => {
    const agent = subAgent([]);
    const delegate = tool(
      async ({ what: who }) => {
        const { said } = await agent.invoke({ who });
        const sure: string = interrupt(`really ${who}?`);
        return `${said}, ${sure}`;
      },
      { name: "delegate", description: "Delegates.", schema },
    );
    const calls = [
      callOf("1", "delegate", { what: "wipe" }),
      callOf("2", "other", { what: "x" }),
    ];
    const other = tool(() => "done", { name: "other", schema });
    const desk = new Desk(host, [delegate, other], calls);
    expect(await desk.start()).toEqual(["wipe?"]);
    expect(await desk.say("yes")).toEqual(["really wipe?"]);
    expect(await desk.goOn()).toEqual(["really wipe?"]);
    expect(await desk.say("no")).toEqual([]);
    expect(desk.answers).toEqual(["1: yes, no", "2: done"]);
  });
});
