import { getCurrentTaskInput } from "@langchain/langgraph";
import { read, write } from "parallel-tools-node";
import { formatReport, reportToHtml } from "parallel-tools-node/report";
import { describe, expect, test } from "vitest";
import { timedTool } from "../eager/support/timed-tools.js";
import { useFakeTimers } from "../eager/support/use-fake-timers.js";
import { silenceWarnings } from "../support/silence-warnings.js";
import { CODE_HOSTS, CodeAgent, problemOf } from "./support/code-agent.js";
import { all, play, playedIn, READ_ONLY } from "./support/play-code.js";

useFakeTimers();
silenceWarnings();

describe.each(CODE_HOSTS)("code in %s", (host) => {
  const played = playedIn(host);

  test("gets what the tools give, under their caps", async () => {
    const { log, answers } = await played(all("look", "a", "b", "c"), {
      look: { ...READ_ONLY, concurrency: 2 },
    });
    expect(answers).toEqual(['run0: ["look: a","look: b","look: c"]']);
    expect(log).toEqual([
      "0 look a starts",
      "0 look b starts",
      "10 look a ends",
      "10 look c starts",
      "10 look b ends",
      "20 look c ends",
    ]);
  });

  test("shares caps and rates with the calls beside it", async () => {
    const rateLimit = { limit: 2, intervalMs: 100 };
    const { log } = await played(
      all("look", "a", "b"),
      { look: { ...READ_ONLY, rateLimit } },
      { beside: [["look", "x"]] },
    );
    const starts = log.filter((line) => line.endsWith("starts"));
    expect(starts).toHaveLength(3);
    expect(starts.filter((line) => !line.startsWith("0 "))).toEqual([
      expect.stringMatching(/^1\d\d /),
    ]);
  });

  test("lends the slot of its call", async () => {
    const { answers } = await played(
      all("look", "a", "b"),
      { look: READ_ONLY },
      { options: { maxConcurrency: 1 } },
    );
    expect(answers).toEqual(['run0: ["look: a","look: b"]']);
  });

  test("has failed attempts retried, and sees errors of tools as they are", async () => {
    let attempts = 0;
    class Broken extends Error {}
    const flaky = timedTool(
      "look",
      () => {},
      10,
      (_, text) => {
        attempts += 1;
        if (text === "broken") throw new Broken("broken");
        if (attempts === 1) throw new Error("once");
      },
    );
    const { answers } = await played(
      async ({ look }) => {
        const first = await look!("a");
        const error = await look!("broken").catch((thrown: unknown) => thrown);
        return [first, error instanceof Broken];
      },
      { look: READ_ONLY },
      { tools: [flaky] },
    );
    expect(answers).toEqual(['run0: ["look: a",true]']);
    expect(attempts).toBe(5);
  });

  test("is told that a call took too long", async () => {
    const { answers, log } = await played(({ look }) => problemOf(look!("a")), {
      look: { ...READ_ONLY, timeoutMs: 5, retry: false },
    });
    expect(answers[0]).toContain("look did not finish within 0.005 s");
    expect(log).toContain("5 look a throws");
  });

  test("makes identical calls once while the first one runs", async () => {
    const { answers, log, agent } = await played(async ({ look }) => {
      const both = await Promise.all([look!("a"), look!("a")]);
      return [...both, await look!("a")];
    });
    expect(answers).toEqual(['run0: ["look: a","look: a","look: a"]']);
    expect(log.filter((line) => line.endsWith("starts"))).toHaveLength(2);
    expect(agent.reportIn("run0").calls.map((call) => call.sameAs)).toEqual([
      undefined,
      0,
      undefined,
    ]);
  });

  test("keeps the order of calls that share state, and no other", async () => {
    const access = { look: read("note"), save: write("note") };
    const { log, agent } = await played(
      ({ look, save }) =>
        Promise.all([look!("a"), save!("b"), look!("c"), look!("d")]),
      {
        look: { ...READ_ONLY, access: [access.look] },
        save: { callers: ["code"], access: [access.save] },
      },
    );
    expect(log.filter((line) => line.endsWith("starts"))).toEqual([
      "0 look a starts",
      "10 save b starts",
      "20 look c starts",
      "20 look d starts",
    ]);
    const { calls, shape } = agent.reportIn("run0");
    expect(shape).toBe("mixed");
    expect(calls.map(({ dependsOn }) => dependsOn)).toEqual([
      [],
      [{ index: 0, reason: "conflict", detail: "note" }],
      [{ index: 1, reason: "conflict", detail: "note" }],
      [{ index: 1, reason: "conflict", detail: "note" }],
    ]);
  });

  test("locks state against the calls beside it", async () => {
    const access = [write("note")];
    const { log } = await played(
      ({ save }) => save!("in code"),
      { save: { callers: ["model", "code"], access } },
      { beside: [["save", "beside"]] },
    );
    expect(log).toHaveLength(4);
    expect(log[0]).toMatch(/starts$/);
    expect(log[1]).toBe(log[0]!.replace("0 ", "10 ").replace("starts", "ends"));
  });

  test("runs a sequential call alone, among the calls of all codes", async () => {
    const { log } = await played(
      [
        ({ look, save }) =>
          Promise.all([look!("a"), save!("alone"), look!("b")]),
        async ({ save }) => save!("other"),
      ],
      {
        look: READ_ONLY,
        save: { callers: ["code"], sequential: true },
      },
    );
    const alone = log.flatMap((line, at) =>
      /save .* starts$/.test(line) ? [log.slice(at, at + 2)] : [],
    );
    expect(alone).toHaveLength(2);
    for (const [starts, ends] of alone) {
      const [, text] = / save (.*) starts$/.exec(starts!)!;
      expect(ends).toContain(`save ${text} ends`);
      const before = log.slice(0, log.indexOf(starts!));
      expect(before.filter((line) => line.endsWith("starts"))).toHaveLength(
        before.filter((line) => line.endsWith("ends")).length,
      );
    }
    expect(log).toHaveLength(8);
  });

  test("tools see the state, and which tool call they are", async () => {
    const seen: unknown[] = [];
    const sees = timedTool(
      "look",
      () => {},
      10,
      ({ state, config }) => {
        const input = getCurrentTaskInput(config);
        seen.push(
          (state as { messages: unknown[] }).messages.length,
          typeof input,
        );
      },
    );
    await played(all("look", "a"), { look: READ_ONLY }, { tools: [sees] });
    expect(seen).toEqual([2, "object"]);
  });

  test("is shown below the call that ran it", async () => {
    const { agent } = await played([all("look", "a", "b"), all("look", "c")]);
    const outer = agent.reports.find(({ kind }) => kind === undefined)!;
    for (const [call, size] of [
      ["run0", 2],
      ["run1", 1],
    ] as const) {
      const { inside, calls } = agent.reportIn(call);
      expect(inside).toMatchObject({ name: "run", id: call });
      expect(calls).toHaveLength(size);
    }
    const text = formatReport(agent.reports, { width: 80, color: false });
    expect(text).toContain("Inside of its calls ran 3 calls in 2 batches.");
    expect(text.match(/ look /g)).toHaveLength(3);
    expect(reportToHtml(agent.reports)).toContain(
      "3 calls in 2 batches inside",
    );
    expect(outer.calls).toHaveLength(2);
  });

  test("tells of its calls while they run", async () => {
    const agent = new CodeAgent({
      host,
      codes: [all("look", "a", "b")],
      tools: [timedTool("look", () => {}, 10)],
      options: { policies: { look: READ_ONLY }, streamProgress: true },
    });
    const events = (await play(agent.chunks("custom"))) as {
      readonly event: string;
      readonly kind?: string;
      readonly name?: string;
      readonly inside?: { readonly id?: string };
    }[];
    const ofCode = events.filter(({ kind }) => kind === "code");
    expect(ofCode.every(({ inside }) => inside?.id === "run0")).toBe(true);
    expect(ofCode.map(({ event, name }) => `${event} ${name ?? ""}`)).toEqual([
      "batch_planned ",
      "call_started look",
      "call_planned look",
      "call_started look",
      "call_finished look",
      "call_finished look",
      "batch_finished ",
    ]);
  });
});
