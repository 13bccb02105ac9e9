import assert from "node:assert/strict";
import { mock } from "node:test";
import { tool } from "@langchain/core/tools";
import { Annotation, interrupt, START, StateGraph } from "@langchain/langgraph";
import { z } from "zod";
import { Desk, HOSTS } from "../../approvals/desk.js";
import {
  AGENT_HOSTS,
  GO,
  hostAgent,
  readRun,
} from "../../support/agent-hosts.js";
import { settle } from "../../support/fake-clock.js";
import { LoggedModel } from "../../support/logged-model.js";
import { callOf } from "../../support/messages.js";
import { createKid, releaseSearches } from "../../support/kid-agent.js";
import { Stage } from "../../support/stage.js";
import { check } from "./check.js";

const State = Annotation.Root({
  who: Annotation<string>,
  said: Annotation<string>,
});

for (const host of HOSTS.filter((one) => !one.durable && !one.isInside)) {
  check(`${host.name}: agents inside tools get their own answers`, async () => {
    const steps: string[] = [];
    const inner = new StateGraph(State)
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
    const turns: Record<string, number> = { wipe: 3, greet: 0 };
    const delegate = tool(
      async ({ who }) => {
        for (let n = turns[who] ?? 0; n > 0; n -= 1) await settle();
        const { said } = await inner.invoke({ who });
        return `${who} ${said}`;
      },
      {
        name: "delegate",
        description: "Delegates.",
        schema: z.object({ who: z.string() }),
      },
    );
    const desk = new Desk(
      host,
      [delegate],
      ["wipe", "greet"].map((who, i) => callOf(`${i}`, "delegate", { who })),
    );
    await desk.start();
    for (let run = 0; desk.open.length > 0 && run < 5; run += 1) {
      [turns["wipe"], turns["greet"]] = [0, 3];
      const question = String(desk.open[0]?.value);
      await desk.answer({ [question]: question === "wipe?" ? "no" : "yes" });
    }
    assert.deepEqual(desk.answers, ["0: wipe no", "1: greet yes"]);
    assert.equal(steps.filter((step) => step === "wipe prepares").length, 1);
  });
}

for (const host of AGENT_HOSTS) {
  check(`${host}: an agent inside a tool ends with its call`, async () => {
    const stage = new Stage();
    const kid = createKid(stage);
    const delegate = tool(
      async () => {
        await kid.invoke(GO);
        return "done";
      },
      { name: "delegate", description: "Delegates.", schema: z.object({}) },
    );
    const model = new LoggedModel("parent", [[callOf("p", "delegate")]], []);
    const agent = hostAgent(host, model, [delegate], {
      policies: { delegate: { timeoutMs: 1_000 } },
    });
    mock.timers.enable({ apis: ["setTimeout"] });
    try {
      const run = agent.invoke(GO);
      const hasStarted = () => stage.log.includes("k2 start");
      for (let turn = 0; turn < 1_000 && !hasStarted(); turn += 1) {
        await settle();
      }
      assert.equal(hasStarted(), true);
      mock.timers.tick(1_000);
      const { messages } = await run;
      assert.match(String(readRun(messages).answers[0]), /did not finish/);
    } finally {
      mock.timers.reset();
    }
    assert.deepEqual(await releaseSearches(stage), []);
  });
}
