import { tool } from "@langchain/core/tools";
import {
  ParallelToolNode,
  read,
  type ToolPolicy,
  write,
} from "parallel-tools-node";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { answerLines, ask, callOf } from "../support/messages.js";
import { turns } from "./support/nested-agents.js";

interface Step {
  /** A tool of the inner node, and the key that it uses. */
  readonly does: "edit" | "look" | "task";
  readonly key: string;
  readonly steps?: readonly Step[];
}

const schema = z.object({ key: z.string(), steps: z.any().optional() });

const POLICIES: Record<string, ToolPolicy<{ key: string }>> = {
  edit: { access: ({ key }) => [write(key)] },
  look: { access: ({ key }) => [read(key)] },
  task: { access: ({ key }) => (key === "" ? [] : [write(key)]) },
};

/** A node whose tool `task` runs steps, one message each, in the same node. */
function nodeThatLogs(log: string[]) {
  const touch = (name: string) =>
    tool(
      async ({ key }) => {
        log.push(`${name} ${key} begins`);
        await turns();
        await turns();
        log.push(`${name} ${key} ends`);
        return "done";
      },
      { name, description: name, schema },
    );
  const task = tool(
    async ({ steps }) => {
      const answers: string[] = [];
      for (const step of steps as Step[]) {
        const { messages } = await node.invoke({ messages: [asked([step])] });
        answers.push(...answerLines(messages));
      }
      return answers.join(" | ");
    },
    { name: "task", description: "Delegates.", schema },
  );
  const node: ParallelToolNode = new ParallelToolNode(
    [touch("edit"), touch("look"), task],
    { policies: POLICIES },
  );
  return node;
}

function asked(steps: readonly Step[]) {
  return ask(
    ...steps.map(({ does, ...args }, i) => callOf(`${does}-${i}`, does, args)),
  );
}

async function run(...steps: Step[]) {
  const log: string[] = [];
  const { messages } = await nodeThatLogs(log).invoke({
    messages: [asked(steps)],
  });
  return { log, answers: answerLines(messages) };
}

const task = (...steps: Step[]): Step => ({ does: "task", key: "", steps });

describe("access keys in a run tree", () => {
  test("are locks between what runs inside of different calls", async () => {
    const edit: Step = { does: "edit", key: "a" };
    const { log } = await run(task(edit), task(edit));
    expect(log).toEqual([
      "edit a begins",
      "edit a ends",
      "edit a begins",
      "edit a ends",
    ]);
  });

  test("are locks between a call of the message and what runs inside of another", async () => {
    const { log } = await run(task({ does: "edit", key: "a" }), {
      does: "look",
      key: "a",
    });
    expect(log).toEqual([
      "look a begins",
      "look a ends",
      "edit a begins",
      "edit a ends",
    ]);
  });

  test("are shared by reads, and differ from each other", async () => {
    const look: Step = { does: "look", key: "a" };
    const { log } = await run(task(look), task(look), {
      does: "edit",
      key: "b",
    });
    expect(log.slice(0, 3).toSorted()).toEqual([
      "edit b begins",
      "look a begins",
      "look a begins",
    ]);
  });

  test("let those in that run inside of the call that has them", async () => {
    const { log, answers } = await run({
      does: "task",
      key: "a",
      steps: [{ does: "edit", key: "a" }],
    });
    expect(log).toEqual(["edit a begins", "edit a ends"]);
    expect(answers).toEqual(["task-0 ok: edit-0 ok: done"]);
  });

  test("let a reader in when the writer has ended, and a writer when the readers have", async () => {
    const look: Step = { does: "look", key: "a" };
    const edit: Step = { does: "edit", key: "a" };
    const { log } = await run(task(edit, look), task(look, edit), task(look));
    const open = new Set<string>();
    const together = log.flatMap((line) => {
      const [name = "", , what] = line.split(" ");
      if (what === "ends") {
        open.delete(name);
        return [];
      }
      const others = [...open];
      open.add(name);
      return others.some((one) => one === "edit" || name === "edit")
        ? [`${name} beside ${others.join()}`]
        : [];
    });
    expect(together).toEqual([]);
    expect(log).toHaveLength(10);
  });

  test("that are waited for in a circle end it with an answer that says what to do", async () => {
    const inside = (key: string, other: string): Step => ({
      does: "task",
      key,
      steps: [{ does: "edit", key: other }],
    });
    const { log, answers } = await run(inside("a", "b"), inside("b", "a"));
    const told =
      "edit-0 error: Not run: what this call changes or reads is in use by others, and they wait for what you have in use. Don't wait for it: finish without this call and say what is left to do, so that they can go on.";
    expect(answers.filter((line) => line.includes(told))).toHaveLength(1);
    expect(
      answers.filter((line) => line.endsWith("edit-0 ok: done")),
    ).toHaveLength(1);
    expect(log).toHaveLength(2);
  });
});
