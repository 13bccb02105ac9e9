import type { SeededRandom } from "../seeded-random.js";
import type { Subject } from "./subjects.js";
import { durationMs, type TaskCall } from "./task.js";

/** A search that finds a number, of three to eight digits. */
export function searchCall(
  { name, property, unit }: Subject,
  random: SeededRandom,
): TaskCall {
  const value = Math.round(10 ** (2 + 5 * random.next()));
  return {
    name: "search",
    needs: [],
    args: () => ({ query: `${property} of ${name}` }),
    output: {
      title: name,
      property,
      value,
      unit,
      source: `https://en.wikipedia.org/wiki/${name.replaceAll(" ", "_")}`,
    },
    value,
    durationMs: durationMs(random),
  };
}
