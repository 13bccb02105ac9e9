import { expect, it } from "vitest";
import type { Permit } from "@/limits/shared-limits.js";
import { Fallback } from "@/shared/fallback.js";
import { Ticket } from "@/shared/ticket.js";
import { FakeClock, settle } from "../support/fake-clock.js";
import { cap } from "../redis/support/scenario.js";

it("a slot that comes when nobody wants it any more is free for the next", async () => {
  const permits: [string, Permit][] = [];
  const fallback = new Fallback(new FakeClock(), ({ id }, permit) => {
    permits.push([id, permit]);
  });
  const [one, two] = ["one", "two"].map((id) => {
    const { signal } = new AbortController();
    const request = { limits: [cap], cost: 1, signal };
    const outcome = { resolve: () => {}, reject: () => {} };
    return new Ticket(id, request, outcome, () => {});
  });
  fallback.ask(one!);
  fallback.ask(two!);
  one!.local?.abort();
  await settle();
  expect(permits.map(([id]) => id)).toEqual(["two"]);
});

it("a call that uses another's slot has none of its own while the store is away, and one that goes on comes first", async () => {
  const log: string[] = [];
  const fallback = new Fallback(new FakeClock(), ({ id }) => log.push(id));
  const { signal } = new AbortController();
  const request = { limits: [cap], cost: 1, signal };
  const ask = (id: string, nested: object) => {
    const outcome = { resolve: () => {}, reject: () => {} };
    const own = { ...request, ...nested };
    fallback.ask(new Ticket(id, own, outcome, () => {}));
  };
  // The store has let these two start.
  const end = fallback.count(request);
  const endInside = fallback.count({ ...request, held: [cap.name] });
  ask("new", {});
  ask("again", { goesOn: true });
  ask("inside", { held: [cap.name] });
  await settle();
  expect(log).toEqual(["inside"]);
  endInside();
  await settle();
  expect(log).toEqual(["inside"]);
  end();
  await settle();
  expect(log).toEqual(["inside", "again"]);
});
