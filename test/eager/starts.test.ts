import { describe, expect, test } from "vitest";
import { expectSame } from "./support/compare.js";
import { EAGER_HOSTS } from "./support/hosts.js";
import type { Scene } from "./support/play.js";
import { timedTool } from "./support/timed-tools.js";
import { useFakeTimers } from "./support/use-fake-timers.js";
import { writeTurn } from "./support/write-turn.js";

useFakeTimers();

const SCENE: Scene = {
  turns: [
    writeTurn(
      ["a", "b", "c"].map((id) => ({ id, name: "look", args: { text: id } })),
    ),
  ],
  tools: (log) => [
    timedTool("look", log, 20, ({ writer }, text) => writer?.({ call: text })),
  ],
  options: { policies: { look: { readOnly: true } } },
};

describe.each(EAGER_HOSTS)("in %s", (host) => {
  test("calls start while the model writes its message", async () => {
    const { plain, eager } = await expectSame(host, SCENE);
    expect(plain.log).toEqual([
      "50 look a starts",
      "50 look b starts",
      "50 look c starts",
      "70 look a ends",
      "70 look b ends",
      "70 look c ends",
    ]);
    expect(eager.log).toEqual([
      "25 look a starts",
      "35 look b starts",
      "45 look a ends",
      "50 look c starts",
      "55 look b ends",
      "70 look c ends",
    ]);
  });

  test.each(["invoke", "streamEvents"] as const)(
    "the same is seen by %s",
    async (by) => {
      const { eager } = await expectSame(host, { ...SCENE, by });
      expect(eager.log[0]).toBe("25 look a starts");
    },
  );
});
