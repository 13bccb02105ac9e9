import {
  createMiddleware,
  humanInTheLoopMiddleware,
  toolCallLimitMiddleware,
  toolRetryMiddleware,
  toolStrategy,
} from "langchain";
import { describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { expectSame } from "./support/compare.js";
import { AGENTS, type Middleware } from "./support/hosts.js";
import type { Scene } from "./support/play.js";
import { timedTool } from "./support/timed-tools.js";
import { useFakeTimers } from "./support/use-fake-timers.js";
import { writeTurn, type WrittenCall } from "./support/write-turn.js";

useFakeTimers();

const CALLS: WrittenCall[] = ["a", "b", "c"].map((id) => ({
  id,
  name: "look",
  args: { text: id },
}));

const POLICIES = { look: { readOnly: true } };

function scene(more: Partial<Scene>): Scene {
  return {
    turns: [writeTurn(CALLS)],
    tools: (log) => [
      timedTool("look", log, 20, ({ writer }, text) =>
        writer?.({ call: text }),
      ),
      timedTool("save", log),
    ],
    options: { policies: POLICIES },
    ...more,
  };
}

const asMiddleware = (one: unknown) => [one as Middleware];

describe.each(AGENTS)("in %s", (host) => {
  describe.each(["before", "behind"] as const)("%s ours", (place) => {
    test.each([
      ["approves", [{ type: "approve" }]],
      ["rejects", [{ type: "reject", message: "no" }]],
      [
        "edits",
        [
          {
            type: "edit",
            editedAction: { name: "save", args: { text: "other" } },
          },
        ],
      ],
    ])(
      "a human %s a call beside calls that start early",
      async (_, decisions) => {
        const { eager } = await expectSame(
          host,
          () =>
            scene({
              turns: [
                writeTurn([
                  ...CALLS,
                  { id: "d", name: "save", args: { text: "d" } },
                ]),
              ],
              [place]: () =>
                asMiddleware(
                  humanInTheLoopMiddleware({
                    interruptOn: { save: true },
                  } as never),
                ),
              options: { policies: POLICIES, needsApproval: ["save"] },
              resumes: [{ decisions }],
            }),
          { leavesTimers: true },
        );
        expect(eager.log[0]).toBe("25 look a starts");
      },
    );

    test.each([
      ["approves", "approve"],
      ["rejects", "reject"],
    ])(
      "nothing starts before a human %s it where nobody said what needs that",
      async (_, type) => {
        const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
        const { eager } = await expectSame(host, () =>
          scene({
            turns: [writeTurn([...CALLS].slice(0, 2))],
            [place]: () =>
              asMiddleware(
                humanInTheLoopMiddleware({
                  interruptOn: { look: true },
                } as never),
              ),
            resumes: [{ decisions: [{ type }, { type }] }],
          }),
        );
        expect(warn.mock.calls.flat().join("\n")).toContain(
          "`eager` starts no call early",
        );
        const { discarded } = eager.reports[0] ?? {};
        expect(discarded).toBeUndefined();
        // The message is there at 40.
        for (const line of eager.log) {
          expect(parseInt(line)).toBeGreaterThanOrEqual(40);
        }
        expect(eager.log.some((line) => line.endsWith("starts"))).toBe(
          type === "approve",
        );
      },
    );

    test("a limit of calls of a tool is kept", async () => {
      const again = CALLS.map((call) => ({ ...call, id: `${call.id}2` }));
      const { eager } = await expectSame(
        host,
        () =>
          scene({
            turns: [writeTurn(CALLS), writeTurn(again)],
            [place]: () =>
              asMiddleware(
                toolCallLimitMiddleware({
                  toolName: "look",
                  runLimit: 4,
                } as never),
              ),
          }),
        { leavesTimers: true },
      );
      expect(eager.log[0]).toBe("25 look a starts");
    });

    test("a tool whose call fails is run again", async () => {
      let fails = 0;
      await expectSame(host, () => {
        fails = 0;
        return scene({
          options: { policies: { look: { readOnly: true, retry: false } } },
          tools: (log) => [
            timedTool("look", log, 20, (_, text) => {
              if (text === "a" && (fails += 1) <= 1) throw new Error("busy");
            }),
          ],
          [place]: () =>
            asMiddleware(
              toolRetryMiddleware({
                maxRetries: 2,
                initialDelayMs: 1,
                jitter: false,
              }),
            ),
        });
      });
    });
  });

  test("a structured answer of the tool strategy comes as ever", async () => {
    const { eager } = await expectSame(
      host,
      () =>
        scene({
          turns: [
            writeTurn([
              ...CALLS,
              { id: "x", name: "answer", args: { text: "all" } },
            ]),
          ],
          more: {
            responseFormat: toolStrategy(
              z.object({ text: z.string() }).meta({ title: "answer" }) as never,
            ),
          },
        }),
      { leavesTimers: true },
    );
    expect(eager.log[0]).toBe("25 look a starts");
  });

  test("tools that a middleware adds for a request start as ever", async () => {
    await expectSame(host, () =>
      scene({
        before: (log) =>
          asMiddleware(
            createMiddleware({
              name: "Adds",
              tools: [timedTool("extra", log) as never],
            }),
          ),
        options: { defaultPolicy: { readOnly: true } },
        turns: [
          writeTurn([
            { id: "e", name: "extra", args: { text: "e" } },
            ...CALLS,
          ]),
        ],
      }),
    );
  });
});
