import { tool } from "@langchain/core/tools";
import type { BatchReport } from "parallel-tools-node";
import { afterEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { createAgent, deliver, HOSTS, settings } from "./support/agents.js";
import { type BusyServer, startBusyServer } from "./support/busy-server.js";
import { Barrier, Occupancy } from "./support/gates.js";
import { useModelServer } from "./support/use-model-server.js";

const schema = z.object({ n: z.number() });

const server = useModelServer();
let busy: BusyServer | undefined;
afterEach(async () => {
  await busy?.stop();
  busy = undefined;
});

function callsOf(names: readonly string[]) {
  return names.map((name, n) => ({ id: `call_${n}`, name, args: { n } }));
}

describe.each(settings())("in $name,", ({ host, delivery }) => {
  test("a cap lets as many requests through to a server as it says, never more", async () => {
    busy = await startBusyServer(2);
    const { url } = busy;
    const callers = new Occupancy();
    const fetchPage = tool(
      ({ n }) =>
        callers.during(async () => (await fetch(`${url}/page ${n}`)).text()),
      { name: "fetch_page", description: "Fetches a page.", schema },
    );
    const calls = callsOf(Array.from({ length: 6 }, () => "fetch_page"));
    const script = server.script([calls, "Read."], delivery.model);
    await deliver(
      createAgent(host, script.model, [fetchPage], {
        policies: { fetch_page: { concurrency: 2 } },
      }),
      delivery,
    );

    expect(callers.peak).toBe(2);
    expect(busy.peak()).toBe(2);
    expect(script.answers(1)).toEqual(
      calls.map(({ id }, n) => ({ id, content: `Served page%20${n}` })),
    );
  });

  test("two tools share the cap of their resource and a third is not held up", async () => {
    const log: string[] = [];
    const pairs = new Barrier(2);
    const users = new Occupancy();
    const query = (name: string) =>
      tool(
        ({ n }) =>
          users.during(async () => {
            log.push(`${name} ${n}`);
            await pairs.arrive();
            return "rows";
          }),
        { name, description: "Asks the database.", schema },
      );
    const note = tool(
      () => {
        log.push("note");
        return "noted";
      },
      { name: "note", description: "Takes a note.", schema },
    );
    const calls = callsOf(["orders", "users", "orders", "users", "note"]);
    const script = server.script([calls, "Done."], delivery.model);
    await deliver(
      createAgent(host, script.model, [query("orders"), query("users"), note], {
        resources: { db: { concurrency: 2 } },
        policies: { orders: { resources: "db" }, users: { resources: "db" } },
      }),
      delivery,
    );

    expect(users.peak).toBe(2);
    expect(log.slice(0, 3).toSorted()).toEqual(["note", "orders 0", "users 1"]);
    expect(log.slice(3)).toEqual(["orders 2", "users 3"]);
    expect(script.answers(1).map(({ content }) => content)).toEqual([
      "rows",
      "rows",
      "rows",
      "rows",
      "noted",
    ]);
  });
});

describe.each(HOSTS)("in %s,", (host) => {
  test("calls beyond a rate limit start when the window lets them", async () => {
    const reports: BatchReport[] = [];
    const started: number[] = [];
    const search = tool(
      ({ n }) => {
        started.push(n);
        return `hit ${n}`;
      },
      { name: "search", description: "Searches.", schema },
    );
    const calls = callsOf(Array.from({ length: 5 }, () => "search"));
    const script = server.script([calls, "Found."]);
    const intervalMs = 250;
    const delivery = { mode: "invoke", model: {} } as const;
    await deliver(
      createAgent(host, script.model, [search], {
        resources: { serp: { rateLimit: { limit: 2, intervalMs } } },
        policies: { search: { resources: "serp" } },
        onReport: (report) => reports.push(report),
      }),
      delivery,
    );

    expect(started).toEqual([0, 1, 2, 3, 4]);
    expect(script.answers(1).map(({ content }) => content)).toEqual(
      started.map((n) => `hit ${n}`),
    );
    const waits = reports.flatMap(({ calls }) => calls.map((c) => c.waits));
    const rate = {
      for: "rate",
      limit: "resource serp",
      startMs: expect.any(Number),
      ms: expect.any(Number),
    };
    expect(waits).toEqual([[], [], [rate], [rate], [rate]]);
    expect(reports).toHaveLength(1);
    // One batch, one time line: no window holds three starts.
    const starts = reports[0]?.calls.map(({ startMs = NaN }) => startMs) ?? [];
    for (const [i, start] of starts.slice(2).entries()) {
      expect(start - (starts[i] as number)).toBeGreaterThanOrEqual(intervalMs);
    }
  });
});
