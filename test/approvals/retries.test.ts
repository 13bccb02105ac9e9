import { tool } from "@langchain/core/tools";
import { interrupt } from "@langchain/langgraph";
import { createMiddleware, toolRetryMiddleware } from "langchain";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { callOf } from "../support/messages.js";
import { Desk, HOSTS } from "./desk.js";

const retry = {
  maxAttempts: 3,
  initialInterval: 0,
  jitter: false,
  logWarning: false,
};
const none = z.object({});

/** Fails with a status the first time that it is called. */
function failsOnce(status: number) {
  let calls = 0;
  return () => {
    calls += 1;
    if (calls === 1) throw Object.assign(new Error("no"), { status });
  };
}

/** Asks, calls a service that fails once, asks again. */
function wiring(service: () => void) {
  const log: string[] = [];
  const wire = tool(
    () => {
      const amount: string = interrupt("how much?");
      log.push(`look up ${amount}`);
      service();
      const sure: string = interrupt(`really ${amount}?`);
      log.push(`${sure} to ${amount}`);
      return `${amount}: ${sure}`;
    },
    { name: "wire", description: "Wires.", schema: none },
  );
  return { log, wire };
}

const CALLS = [callOf("1", "wire"), callOf("2", "other")];
const other = tool(() => "done", {
  name: "other",
  description: "Stands beside it.",
  schema: none,
});

describe.each(HOSTS)("in $name,", (host) => {
  describe.each([
    ["a failure that its policy retries", 500, { retry }],
    [
      "a failure of a tool that is idempotent",
      500,
      { idempotent: true, retry },
    ],
    ["a refusal", 429, { readOnly: true }],
  ])("after %s,", (_, status, policy) => {
    test.each([1, 2])(
      "an attempt asks only what those before it did not (calls: %s)",
      async (count) => {
        const { log, wire } = wiring(failsOnce(status));
        const options = { policies: { wire: policy } };
        const calls = CALLS.slice(0, count);
        const desk = new Desk(host, [wire, other], calls, { options });
        const asked = [...(await desk.start())];
        for (let run = 0; desk.open.length > 0 && run < 5; run += 1) {
          const [question = ""] = desk.open.map(({ value }) => String(value));
          const answer = question === "how much?" ? "100" : "no, stop";
          asked.push(...(await desk.answer({ [question]: answer })));
        }
        expect(asked).toEqual(["how much?", "really 100?"]);
        expect(log.at(-1)).toBe("no, stop to 100");
        expect(desk.answers[0]).toBe("1: 100: no, stop");
        // An attempt that failed, one that asked, one after the answer.
        expect(log.filter((line) => line === "look up 100")).toHaveLength(3);
      },
    );
  });
});

test.each(HOSTS)(
  "in $name, a call that waited and is run again asks in its own place",
  async (host) => {
    const service = failsOnce(500);
    const wire = tool(
      () => {
        service();
        return `sure: ${interrupt("sure?")}`;
      },
      { name: "wire", description: "Wires.", schema: none },
    );
    const policies = { wire: { after: ["other"], retry } };
    const calls = [callOf("1", "other"), callOf("2", "wire")];
    const desk = new Desk(host, [wire, other], calls, {
      options: { policies },
    });
    expect(await desk.start()).toEqual(["sure?"]);
    const id = desk.idOf("sure?");
    expect(await desk.goOn()).toEqual(["sure?"]);
    expect(desk.idOf("sure?")).toBe(id);
    expect(await desk.answer({ "sure?": "no" })).toEqual([]);
    expect(desk.answers).toEqual(["1: done", "2: sure: no"]);
  },
);

const AGENTS = HOSTS.filter(({ base }) => base.startsWith("agent"));

describe.each(AGENTS)("in $name,", (host) => {
  test("toolRetryMiddleware before ours asks again nothing that was answered", async () => {
    const { log, wire } = wiring(failsOnce(500));
    const again = toolRetryMiddleware({
      maxRetries: 2,
      initialDelayMs: 0,
      jitter: false,
      retryOn: (error) => error.name !== "GraphInterrupt",
      onFailure: "error",
    });
    const desk = new Desk(host, [wire, other], CALLS, {
      before: [again as never],
    });
    const asked = [...(await desk.start())];
    for (let run = 0; desk.open.length > 0 && run < 5; run += 1) {
      const [question = ""] = desk.open.map(({ value }) => String(value));
      const answer = question === "how much?" ? "100" : "no, stop";
      asked.push(...(await desk.answer({ [question]: answer })));
    }
    expect(asked).toEqual(["how much?", "really 100?"]);
    expect(log.at(-1)).toBe("no, stop to 100");
  });

  test("a middleware behind ours that asks has its answers by call", async () => {
    const ran: string[] = [];
    const act = tool(
      ({ what }) => {
        ran.push(what);
        return what;
      },
      {
        name: "act",
        description: "Acts.",
        schema: z.object({ what: z.string() }),
      },
    );
    let run = 0;
    const approving = createMiddleware({
      name: "approving",
      wrapToolCall: async (request, handler) => {
        const what = String(request.toolCall.args["what"]);
        // In the second run, the one that was slow is fast.
        if ((what === "wipe") === (run === 0)) await Promise.resolve();
        const said: string = interrupt(`${what}?`);
        if (said === "yes") return handler(request);
        return handler({
          ...request,
          toolCall: { ...request.toolCall, args: { what: "nothing" } },
        });
      },
    });
    const calls = [
      callOf("1", "act", { what: "wipe" }),
      callOf("2", "act", { what: "greet" }),
    ];
    const desk = new Desk(host, [act], calls, { after: [approving as never] });
    await desk.start();
    for (run = 1; desk.open.length > 0 && run < 5; run += 1) {
      const open = desk.open.map(({ value }) => String(value));
      await desk.answer(
        Object.fromEntries(open.map((q) => [q, q === "wipe?" ? "no" : "yes"])),
      );
    }
    expect(ran).not.toContain("wipe");
    expect(desk.answers).toEqual(["1: nothing", "2: greet"]);
  });
});
