import { ToolMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { Command, interrupt } from "@langchain/langgraph";
import { expect, test } from "vitest";
import { z } from "zod";
import { Desk, HOSTS } from "../approvals/desk.js";
import { callOf } from "../support/messages.js";

const none = z.object({});
const message = (id: string) =>
  new ToolMessage({ content: "set", tool_call_id: id });
const RESULTS: Readonly<Record<string, unknown>> = {
  "a text": "set",
  "a Command with its message": new Command({
    update: { messages: [message("1")] },
  }),
  "a Command with the message of another id": new Command({
    update: { messages: [message("other")] },
  }),
  "a Command without a message": new Command({ update: {} }),
};
const SENT = HOSTS.filter(
  ({ base, isInside }) => base.endsWith("v2") && !isInside,
);

test.each(
  SENT.flatMap((host) =>
    Object.keys(RESULTS).map((result) => ({ host, result })),
  ),
)(
  "in $host.name, a call that gave $result has ended after a pause",
  async ({ host, result }) => {
    const log: string[] = [];
    const setup = tool(
      () => {
        log.push("setup");
        return RESULTS[result];
      },
      { name: "setup", description: "Sets up.", schema: none },
    );
    const asking = tool(() => `said ${interrupt("go?")}`, {
      name: "ask",
      description: "Asks.",
      schema: none,
    });
    const use = tool(
      () => {
        log.push("use");
        return "used";
      },
      { name: "use", description: "Uses.", schema: none },
    );
    const calls = [
      callOf("1", "setup"),
      callOf("2", "ask"),
      callOf("3", "use"),
    ];
    const options = {
      policies: { use: { after: ["setup", "ask"] } },
      arrivalTimeoutMs: 1e9,
    };
    const desk = new Desk(host, [setup, asking, use], calls, { options });
    expect(await desk.start()).toEqual(["go?"]);
    expect(await desk.answer({ "go?": "yes" })).toEqual([]);
    expect(log).toEqual(["setup", "use"]);
    expect(desk.answers.slice(-2)).toEqual(["2: said yes", "3: used"]);
  },
);
