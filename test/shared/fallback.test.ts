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
