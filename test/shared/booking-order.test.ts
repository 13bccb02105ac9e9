import { expect, it } from "vitest";
import { Bookings } from "@/shared/bookings.js";
import { Ticket } from "@/shared/ticket.js";
import { FakeClock } from "../support/fake-clock.js";
import { rate } from "../redis/support/scenario.js";

it("booked starts of one request happen in their order, whatever was known of the time", async () => {
  const clock = new FakeClock();
  const log: string[] = [];
  const bookings = new Bookings(clock, ({ id }) => {
    log.push(`${id} ${clock.now()}`);
  });
  const book = (id: string, dueAt: number, limit = rate(2, 100)) => {
    const { signal } = new AbortController();
    const request = { limits: [limit], cost: 1, signal };
    const settle = { resolve: () => {}, reject: () => {} };
    const ticket = new Ticket(id, request, settle, () => {});
    bookings.add(ticket, { at: "1", dueAt, lateFrom: dueAt });
  };
  // Timers of whole milliseconds would have the second fire first.
  book("a", 100.1);
  book("b", 99.9);
  book("c", 200);
  book("other", 50, rate(1, 100));
  await clock.drain();
  expect(log).toEqual(["other 50", "a 101", "b 101", "c 200"]);
  expect(clock.pending).toBe(0);
});
