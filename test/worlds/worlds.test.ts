import process from "node:process";
import { describe, expect, test } from "vitest";
import { resultText } from "./print-world.js";
import { runWorlds } from "./run-worlds.js";
import { shrinkWorld } from "./shrink-world.js";

const FIXED_SEED = 20_261;
const COUNT = 200;
const given = process.env["WORLDS_SEED"];
const seeds = given === undefined ? [FIXED_SEED] : [FIXED_SEED, Number(given)];

describe("random worlds", () => {
  test.each(seeds)(
    `of seed %i, all ${COUNT}, do what the rules say`,
    { timeout: 180_000 },
    async (seed) => {
      const wrong = await runWorlds({ seed, first: 0, count: COUNT });
      const [first] = wrong;
      if (first === undefined) return;
      const smallest = await shrinkWorld(first);
      expect.fail(
        [
          `${wrong.length} of ${COUNT} worlds of seed ${seed} differ: ${wrong.map(({ world }) => world.number).join(", ")}`,
          `npm run worlds -- --seed ${seed} --only ${first.world.number} --shrink`,
          resultText(smallest, true),
        ].join("\n"),
      );
    },
  );
});
