import { setImmediate, setTimeout } from "node:timers/promises";

/** Nothing, a turn, or up to 3 ms, as `draw` says. */
export function pauseFor(draw: number): Promise<void> | undefined {
  switch (draw % 6) {
    case 0:
      return undefined;
    case 1:
      return Promise.resolve();
    case 2:
      return setImmediate();
    default:
      return setTimeout((draw % 6) - 2);
  }
}
