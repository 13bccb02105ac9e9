import type { Permit } from "./shared-limits.js";

/** A permit of which one method works, once. */
export function createPermit(release: () => void, cancel: () => void): Permit {
  let isOver = false;
  const once = (act: () => void) => () => {
    if (isOver) return;
    isOver = true;
    act();
  };
  return { release: once(release), cancel: once(cancel) };
}
