import {
  createMiddleware,
  modelFallbackMiddleware,
  modelRetryMiddleware,
} from "langchain";
import { describe, expect, test } from "vitest";
import { expectSame } from "./support/compare.js";
import { AGENTS, EAGER_HOSTS, type Middleware } from "./support/hosts.js";
import { play, type Scene } from "./support/play.js";
import { StreamingModel, type Turn } from "./support/streaming-model.js";
import { timedTool } from "./support/timed-tools.js";
import { useFakeTimers } from "./support/use-fake-timers.js";
import { writeTurn } from "./support/write-turn.js";

useFakeTimers();

const CALLS = ["a", "b", "c"].map((id) => ({
  id,
  name: "look",
  args: { text: id },
}));
const TURN = writeTurn(CALLS);
/** The third call is cut short, and the model fails. */
const broken = (): Turn => [
  ...TURN.slice(0, 6),
  { ms: 5, error: new Error("connection reset") },
];

function scene(more: Partial<Scene>): Scene {
  return {
    turns: [TURN],
    tools: (log) => [
      timedTool("look", log, 20, ({ writer }, text) =>
        writer?.({ call: text }),
      ),
    ],
    options: { policies: { look: { readOnly: true } } },
    ...more,
  };
}

describe.each(EAGER_HOSTS)("in %s", (host) => {
  test("what was discarded in one run is in no report of another", async () => {
    const { eager } = await expectSame(host, () =>
      scene({ turns: [broken(), TURN], goesOn: true }),
    );
    expect(eager.reports).toHaveLength(1);
    expect(eager.reports[0]?.discarded).toBeUndefined();
  });

  test("the error of a model comes as ever", async () => {
    const { eager } = await expectSame(host, () =>
      scene({ turns: [broken()] }),
    );
    expect(eager.log).toEqual([
      "25 look a starts",
      "35 look b starts",
      "40 look a throws",
      "40 look b throws",
    ]);
  });

  test.each(["length", "content_filter"])(
    "a message that ends with %s is treated as ever",
    async (stop) => {
      const cut: Turn = [...TURN.slice(0, 6), { ms: 5, stop }];
      const { eager } = await expectSame(host, () => scene({ turns: [cut] }));
      expect(eager.log[0]).toBe("25 look a starts");
    },
  );

  test("a model that tells of events starts calls early", async () => {
    // LangChain itself loses a first call behind a text here: both are its block 0.
    const turns = [TURN.slice(1)];
    const { eager } = await expectSame(
      host,
      scene({ turns, tellsEvents: true }),
    );
    expect(eager.log[0]).toBe("15 look a starts");
  });

  test.each([22, 27, 36, 44, 46, 49, 50, 51, 60, 69])(
    "an abort after %i ms ends the run",
    async (abortAt) => {
      const plain = await play(host, scene({ abortAt }), false);
      const eager = await play(host, scene({ abortAt }), true);
      expect(String(eager.error)).toBe(String(plain.error));
      expect(eager.timersLeft).toBe(0);
      const starts = eager.log.filter((line) => line.endsWith("starts"));
      const ends = eager.log.filter((line) => !line.endsWith("starts"));
      expect(ends).toHaveLength(starts.length);
      expect(eager.tookMs).toBe(abortAt);
    },
  );
});

describe.each(AGENTS)("in %s", (host) => {
  test.each(["before", "behind"] as const)(
    "a retry of the model %s ours discards what had started",
    async (place) => {
      const { eager } = await expectSame(host, () =>
        scene({
          turns: [broken(), TURN],
          [place]: () => [
            modelRetryMiddleware({
              maxRetries: 1,
              initialDelayMs: 1,
              jitter: false,
            }) as Middleware,
          ],
        }),
      );
      expect(eager.reports[0]?.discarded).toHaveLength(2);
    },
  );

  test.each(["before", "behind"] as const)(
    "another model that answers instead starts calls, too (%s)",
    async (place) => {
      const { eager } = await expectSame(host, () =>
        scene({
          turns: [broken()],
          [place]: () => [
            modelFallbackMiddleware(new StreamingModel([TURN])) as Middleware,
          ],
        }),
      );
      expect(eager.log).toContain("40 look b throws");
    },
  );

  test("a model given by another middleware starts calls", async () => {
    const { eager } = await expectSame(host, () => {
      const other = new StreamingModel([TURN]);
      return scene({
        turns: [],
        before: () => [
          createMiddleware({
            name: "OtherModel",
            wrapModelCall: (request, handler) =>
              handler({ ...request, model: other }),
          }),
        ],
      });
    });
    expect(eager.log[0]).toBe("25 look a starts");
  });
});
