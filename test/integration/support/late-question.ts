import { tool } from "@langchain/core/tools";
import { interrupt } from "@langchain/langgraph";
import { z } from "zod";
import { settle } from "../../support/fake-clock.js";

/**
 * `ask` puts its question when all other calls have ended. LangGraph (1.7.3)
 * goes by who ends last where one task has a question and another leads to the
 * parent graph: so it is the question.
 */
export function createLateQuestion() {
  return tool(
    async () => {
      for (let turn = 0; turn < 20; turn += 1) await settle();
      return `said ${String(interrupt("ask?"))}`;
    },
    { name: "ask", description: "Asks a human.", schema: z.object({}) },
  );
}
