import type { StructuredTool } from "@langchain/core/tools";
import { Command, MemorySaver } from "@langchain/langgraph";
import type { BatchReport, ParallelToolNodeOptions } from "parallel-tools-node";
import { vi } from "vitest";
import { normalised } from "../../integration/support/normalised.js";
import { createEagerHost, type EagerHost, type Middleware } from "./hosts.js";
import { RecordingHandler, type Told } from "./recording-handler.js";
import { StreamingModel, type Turn } from "./streaming-model.js";

/** What happens while an agent runs: `"10 a starts"`, in milliseconds. */
export type Log = (line: string) => void;

/** An agent, what its model writes, and what is done with it. */
export interface Scene {
  readonly turns: readonly Turn[];
  readonly tools: (log: Log) => readonly StructuredTool[];
  readonly options?: ParallelToolNodeOptions & { needsApproval?: string[] };
  /** Middleware before ours, and behind it. */
  readonly before?: (log: Log) => readonly Middleware[];
  readonly behind?: (log: Log) => readonly Middleware[];
  /** What the agent is given beside that. */
  readonly more?: Record<string, unknown>;
  readonly config?: Record<string, unknown>;
  /** The run is aborted after so many milliseconds. */
  readonly abortAt?: number;
  /** What a human says to interrupts, one after the other. */
  readonly resumes?: readonly unknown[];
  /** The model tells of events, and not of chunks. */
  readonly tellsEvents?: boolean;
  /** A run that fails is begun again, as another one. */
  readonly goesOn?: boolean;
  /** How the agent is run. */
  readonly by?: "stream" | "invoke" | "streamEvents";
}

/** All that can be seen of a run. */
export interface Seen {
  readonly log: readonly string[];
  readonly chunks: readonly unknown[];
  readonly told: readonly Told[];
  readonly checkpoints: readonly unknown[];
  readonly messages: readonly {
    readonly type: string;
    readonly data: Record<string, unknown>;
  }[];
  readonly state: unknown;
  readonly error: unknown;
  readonly reports: readonly BatchReport[];
  readonly tookMs: number;
  readonly timersLeft: number;
  /** Once nobody waits any more for calls that never came. */
  readonly timersLeftAtLast: number;
}

/** The library's default of `arrivalTimeoutMs`. */
const ARRIVAL_TIMEOUT_MS = 5_000;
const MODES = ["values", "updates", "messages", "custom", "tools"];

/** Plays a scene on fake timers, which the caller has set up. */
export async function play(
  host: EagerHost,
  scene: Scene,
  eager: boolean,
): Promise<Seen> {
  vi.clearAllTimers();
  const beganAt = performance.now();
  const now = () => Math.round(performance.now() - beganAt);
  const log: string[] = [];
  const write: Log = (line) => log.push(`${now()} ${line}`);
  const reports: BatchReport[] = [];
  const checkpointer = new MemorySaver();
  const model = new StreamingModel(scene.turns);
  const agent = createEagerHost(host, {
    model,
    tools: scene.tools(write),
    options: {
      ...scene.options,
      eager,
      onReport: (report) => {
        reports.push(report);
        scene.options?.onReport?.(report);
      },
    },
    before: scene.before?.(write) ?? [],
    behind: scene.behind?.(write) ?? [],
    more: scene.more ?? {},
    checkpointer,
  });
  const handler = new RecordingHandler(scene.tellsEvents);
  const controller = new AbortController();
  const config = {
    configurable: { thread_id: "t" },
    callbacks: [handler],
    signal: controller.signal,
    ...scene.config,
  };
  const chunks: unknown[] = [];
  let error: unknown;
  let endedAt = 0;
  const run = async () => {
    const first = {
      messages: [{ id: "human", role: "user", content: "Go." }],
    };
    const inputs = (scene.resumes ?? []).map(
      (resume) => new Command({ resume }),
    );
    const begin = async (input: unknown) => {
      if (scene.by === "invoke") await agent.invoke(input, config);
      else if (scene.by === "streamEvents") {
        const events = agent.streamEvents(input, {
          ...config,
          version: "v2",
        });
        for await (const event of events) chunks.push(event);
      } else {
        const streamed = await agent.stream(input, {
          ...config,
          streamMode: MODES,
        });
        for await (const chunk of streamed) chunks.push(chunk);
      }
    };
    try {
      for (const input of [first, ...inputs]) {
        await begin(input).catch((thrown: unknown) => {
          if (!scene.goesOn) throw thrown;
          return begin(null);
        });
      }
    } catch (thrown) {
      error = thrown;
    }
    endedAt = now();
  };
  if (scene.abortAt !== undefined) {
    setTimeout(() => controller.abort(), scene.abortAt);
  }
  await untilDone(run());
  const timersLeft = vi.getTimerCount();
  const { values } = await agent.getState(config);
  const checkpoints: unknown[] = [];
  for await (const { checkpoint, metadata } of checkpointer.list(config)) {
    checkpoints.push({ values: checkpoint.channel_values, metadata });
  }
  await vi.advanceTimersByTimeAsync(ARRIVAL_TIMEOUT_MS);
  const state = normalised(values) as { messages?: Seen["messages"] };
  return {
    log,
    chunks,
    told: handler.told,
    checkpoints,
    messages: state.messages ?? [],
    state,
    error,
    reports,
    tookMs: endedAt,
    timersLeft,
    timersLeftAtLast: vi.getTimerCount(),
  };
}

/** Advances the timers until a promise has settled, then lets all else settle. */
async function untilDone(run: Promise<void>): Promise<void> {
  let isDone = false;
  void run.then(() => {
    isDone = true;
  });
  await vi.advanceTimersByTimeAsync(0);
  for (let turns = 0; !isDone; turns += 1) {
    if (turns > 10_000) throw new Error("the run doesn't end");
    await vi.advanceTimersToNextTimerAsync();
  }
  await vi.advanceTimersByTimeAsync(0);
}
