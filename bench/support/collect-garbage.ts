import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

// The flag only reaches contexts that are made after it was set.
setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;

/** A full collection, so that what is measured next pays for its own garbage only. */
export function collectGarbage(): void {
  gc();
}
