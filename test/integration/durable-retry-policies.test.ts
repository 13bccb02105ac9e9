import { tool } from "@langchain/core/tools";
import type { RetryPolicy } from "@langchain/langgraph";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { settle } from "../support/fake-clock.js";
import { callOf } from "../support/messages.js";
import { normalised } from "./support/normalised.js";
import {
  GO,
  hostProgram,
  OUR_WAYS,
  THREAD,
  type Way,
} from "./support/three-ways.js";

class Outage extends Error {
  override readonly name = "Outage";
  readonly status = 503;
  readonly details = { server: "a" };
}

const CALLS = [callOf("1", "pay"), callOf("2", "flaky"), callOf("3", "pay")];
const POLICY: RetryPolicy = {
  maxAttempts: 4,
  initialInterval: 1,
  jitter: false,
  logWarning: false,
};

/** A tools node with the graph's policy; `flaky` fails so many times. */
function start(way: Way, retryPolicy: RetryPolicy, failures: number) {
  const log: string[] = [];
  const thrown: unknown[] = [];
  const schema = z.object({});
  let left = failures;
  const pay = tool(
    () => {
      log.push("pay");
      return "paid";
    },
    { name: "pay", description: "Pays.", schema },
  );
  const flaky = tool(
    async () => {
      // Long enough for the others to have ended, and to be kept.
      for (let turn = 0; turn < 20; turn += 1) await settle();
      log.push("flaky");
      left -= 1;
      if (left >= 0) {
        const cause = new Error("no route");
        thrown.push(new Outage("down", { cause }));
        throw thrown.at(-1);
      }
      return "fine";
    },
    { name: "flaky", description: "Fails at first.", schema },
  );
  const agent = hostProgram(way, "graph", {
    tools: [pay, flaky],
    turns: [CALLS],
    handleToolErrors: false,
    retryPolicy,
  });
  return { agent, log, thrown };
}

const runsOf = (log: readonly string[], name: string) =>
  log.filter((line) => line === name).length;

async function errorOf(run: Promise<unknown>): Promise<unknown> {
  return run.then(
    () => expect.unreachable("It has to fail."),
    (error: unknown) => error,
  );
}

/** All of an error but the values of ids. */
function fieldsOf(error: unknown): unknown {
  return {
    isOutage: error instanceof Outage,
    fields: Object.getOwnPropertyNames(error).toSorted(),
    values: normalised({ ...(error as object) }),
    text: String(error),
    cause: String((error as Error).cause),
  };
}

describe.each(OUR_WAYS)("Under the graph's retry policy, %s", (way) => {
  const isDurable = way === "ours, durable";

  test.each([1, 3])(
    "runs a call that fails %s times as often as stock, and gives the same",
    async (failures) => {
      const stock = start("stock", POLICY, failures);
      const ours = start(way, POLICY, failures);
      const wanted = await stock.agent.invoke(GO, THREAD);
      const state = await ours.agent.invoke(GO, THREAD);
      expect(normalised(state)).toEqual(normalised(wanted));
      expect(runsOf(stock.log, "flaky")).toBe(failures + 1);
      expect(runsOf(ours.log, "flaky")).toBe(failures + 1);
      // Both calls of it; stock runs them again in each attempt.
      expect(runsOf(ours.log, "pay")).toBe(
        isDurable ? 2 : runsOf(stock.log, "pay"),
      );
    },
  );

  test("throws in the end what stock throws: the error of the last attempt", async () => {
    const stock = start("stock", POLICY, 10);
    const ours = start(way, POLICY, 10);
    const wanted = await errorOf(stock.agent.invoke(GO, THREAD));
    const error = await errorOf(ours.agent.invoke(GO, THREAD));
    expect(wanted).toBe(stock.thrown.at(-1));
    expect(error).toBe(ours.thrown.at(-1));
    expect(fieldsOf(error)).toEqual(fieldsOf(wanted));
    expect(ours.thrown).toHaveLength(stock.thrown.length);
    expect(runsOf(ours.log, "pay")).toBe(
      isDurable ? 2 : runsOf(stock.log, "pay"),
    );
  });

  test("shows `retryOn` the errors that stock shows it, and heeds it", async () => {
    const askedBy = async (who: Way) => {
      const asked: unknown[] = [];
      const retryOn = (error: unknown) => {
        asked.push(fieldsOf(error));
        return asked.length < 2;
      };
      const run = start(who, { ...POLICY, retryOn }, 10);
      await errorOf(run.agent.invoke(GO, THREAD));
      return { asked, flaky: runsOf(run.log, "flaky"), log: run.log };
    };
    const stock = await askedBy("stock");
    const ours = await askedBy(way);
    expect(stock.flaky).toBe(2);
    expect(ours.flaky).toBe(2);
    expect(ours.asked).toEqual(stock.asked);
    expect(runsOf(ours.log, "pay")).toBe(
      isDurable ? 2 : runsOf(stock.log, "pay"),
    );
  });

  test("doesn't run anything again where `retryOn` says no", async () => {
    const ours = start(way, { ...POLICY, retryOn: () => false }, 10);
    const error = await errorOf(ours.agent.invoke(GO, THREAD));
    expect(error).toBe(ours.thrown[0]);
    expect(ours.log.toSorted()).toEqual(["flaky", "pay", "pay"]);
  });

  test("goes on after the last attempt as stock does", async () => {
    const goneOn = async (who: Way) => {
      const { agent, log } = start(who, { ...POLICY, maxAttempts: 2 }, 3);
      await errorOf(agent.invoke(GO, THREAD));
      const { next } = await agent.getState(THREAD);
      log.length = 0;
      const state = normalised(await agent.invoke(null, THREAD));
      return { next, state, flaky: runsOf(log, "flaky"), log };
    };
    const stock = await goneOn("stock");
    const ours = await goneOn(way);
    expect(ours.state).toEqual(stock.state);
    expect(ours.next).toEqual(stock.next);
    expect(ours.flaky).toBe(stock.flaky);
    expect(runsOf(ours.log, "pay")).toBe(
      isDurable ? 0 : runsOf(stock.log, "pay"),
    );
  });
});
