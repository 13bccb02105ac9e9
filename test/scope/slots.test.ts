import { describe, expect, test } from "vitest";
import { type Holder, Slots } from "@/limits/slots.js";

/** A call that is blocked or not, as a test says. */
function call(inside?: Holder, isBlocked = false): Holder {
  return { inside, keepsOthersOut: true, isBlocked: () => isBlocked };
}

/** Slots in which these calls run. */
function slotsOf(...holders: Holder[]): Slots {
  const slots = new Slots();
  for (const holder of holders) slots.take(holder);
  return slots;
}

describe("slots", () => {
  test("are claimed from start to end, and used while the call itself runs", () => {
    const one = call();
    const slots = slotsOf(one, call());
    expect([slots.claims, slots.uses]).toEqual([2, 2]);
    slots.suspend(one);
    expect([slots.claims, slots.uses]).toEqual([2, 1]);
    slots.resume(one);
    expect([slots.claims, slots.uses]).toEqual([2, 2]);
    slots.release(one);
    expect([slots.claims, slots.uses]).toEqual([1, 1]);
  });

  test("count a call and its guest once, and one guest at a time", () => {
    const host = call();
    const slots = slotsOf(host);
    expect(slots.isReservedFor({ inside: host })).toBe(false);
    slots.suspend(host);
    expect(slots.isReservedFor({ inside: host })).toBe(true);
    const guest = call(host);
    slots.take(guest);
    expect([slots.claims, slots.uses]).toEqual([1, 1]);
    expect(slots.isReservedFor({ inside: host })).toBe(false);
    slots.release(guest);
    expect(slots.isReservedFor({ inside: host })).toBe(true);
  });

  test("hand the place of a guest that ends to another call inside of the host", () => {
    const host = call();
    const slots = slotsOf(host);
    slots.suspend(host);
    const [first, second] = [call(host), call(host)];
    slots.take(first);
    slots.take(second);
    expect(slots.claims).toBe(2);
    slots.release(first);
    expect(slots.claims).toBe(1);
  });

  test("stay with what runs on inside of a call that has ended", () => {
    const host = call();
    const slots = slotsOf(host);
    slots.suspend(host);
    slots.take(call(host));
    slots.release(host);
    expect([slots.claims, slots.uses]).toEqual([1, 1]);
  });

  test("pair a guest of a guest with the host when the one between them ends", () => {
    const host = call();
    const slots = slotsOf(host);
    slots.suspend(host);
    const guest = call(host);
    slots.take(guest);
    slots.suspend(guest);
    slots.take(call(guest));
    expect([slots.claims, slots.uses]).toEqual([1, 1]);
    slots.release(guest);
    expect([slots.claims, slots.uses]).toEqual([1, 1]);
  });

  test("are lent if all calls that claim one are blocked", () => {
    const stranger = { inside: undefined };
    const [blocked, busy] = [call(undefined, true), call()];
    const slots = slotsOf(blocked, busy);
    slots.suspend(blocked);
    slots.suspend(busy);
    expect(slots.lendsTo(stranger)).toBe(false);
    slots.release(busy);
    expect(slots.lendsTo(stranger)).toBe(true);
  });

  test("are not lent while one that claims one runs", () => {
    const one = call(undefined, true);
    const slots = slotsOf(one);
    expect(slots.lendsTo({ inside: undefined })).toBe(false);
  });
});
