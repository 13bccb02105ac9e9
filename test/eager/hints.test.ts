import { expect, test } from "vitest";
import { silenceWarnings } from "../support/silence-warnings.js";
import { EAGER_HOSTS } from "./support/hosts.js";
import { play } from "./support/play.js";
import { timedTool } from "./support/timed-tools.js";
import { useFakeTimers } from "./support/use-fake-timers.js";
import { writeTurn } from "./support/write-turn.js";

useFakeTimers();
const warn = silenceWarnings();

const turn = (...ids: string[]) =>
  writeTurn(ids.map((id) => ({ id, name: "look", args: { text: id } })));

test.each(EAGER_HOSTS)(
  "says once that no tool may start early: %s",
  async (host) => {
    const { log } = await play(
      host,
      {
        turns: [turn("a", "b", "c"), turn("d", "e", "f")],
        tools: (note) => [timedTool("look", note, 20)],
        options: { policies: { look: { idempotent: true } } },
      },
      true,
    );
    expect(log.filter((line) => line.endsWith("starts"))).toHaveLength(6);
    const said = warn.mock.calls.map(([text]) => String(text));
    expect(said.filter((text) => text.includes("`eager` is on"))).toEqual([
      "parallel-tools-node: `eager` is on, and no policy says `readOnly: true`, so no call starts early. Say it of the tools that change nothing.",
    ]);
  },
);
