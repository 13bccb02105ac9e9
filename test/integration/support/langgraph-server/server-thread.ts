import {
  Client,
  type Message,
  type Run,
  type StreamMode,
} from "@langchain/langgraph-sdk";
import type { RemoteStage } from "./remote-stage.js";
import type { LangGraphServer } from "./server.js";

interface State {
  readonly messages: Message[];
}

export interface ServerCall {
  readonly id: string;
  readonly name: string;
  readonly args?: object;
}

/** By the ids of their questions. */
type Answers = Readonly<Record<string, unknown>>;

/** A thread on the server, in which one graph runs. */
export class ServerThread {
  readonly id: string;
  readonly graph: string;
  readonly #client: Client<State>;
  readonly #stage: RemoteStage;

  private constructor(
    id: string,
    graph: string,
    client: Client<State>,
    stage: RemoteStage,
  ) {
    this.id = id;
    this.graph = graph;
    this.#client = client;
    this.#stage = stage;
  }

  static async open(
    graph: string,
    server: LangGraphServer,
    stage: RemoteStage,
  ): Promise<ServerThread> {
    // It looks for a key in the environment unless it gets none.
    const client = new Client<State>({ apiUrl: server.url, apiKey: null });
    const { thread_id: id } = await client.threads.create();
    return new ServerThread(id, graph, client, stage);
  }

  /** All events of a run in which the model makes calls, or that goes on. */
  async stream(
    what: readonly ServerCall[] | Answers,
    streamMode: StreamMode[],
    streamSubgraphs: boolean,
  ): Promise<{ readonly event: string; readonly data: unknown }[]> {
    const events = [];
    const run = this.#client.runs.stream(this.id, this.graph, {
      ...(isCalls(what) ? { input: inputOf(what) } : resumeWith(what)),
      streamMode,
      streamSubgraphs,
    } as never);
    for await (const { event, data } of run as AsyncIterable<never>) {
      events.push({ event, data });
    }
    return events;
  }

  /** Starts a run in which the model makes calls. */
  start(
    calls: readonly ServerCall[],
    multitaskStrategy?: "reject" | "interrupt" | "rollback" | "enqueue",
  ): Promise<Run> {
    return this.#client.runs.create(this.id, this.graph, {
      input: inputOf(calls),
      ...(multitaskStrategy && { multitaskStrategy }),
    });
  }

  /** Resolves when a run has ended, however that was. */
  async ended({ run_id: run }: Run): Promise<void> {
    await this.#client.runs.join(this.id, run);
  }

  /** Runs on from where the thread is, to the end or the next question. */
  async goOn(answers?: Readonly<Record<string, unknown>>): Promise<void> {
    const payload = answers
      ? { command: { resume: answers } }
      : { input: null };
    await this.#client.runs.wait(this.id, this.graph, payload);
  }

  /** Resolves when the run has ended. */
  async cancel(run: Run, action: "interrupt" | "rollback"): Promise<void> {
    await this.#client.runs.cancel(this.id, run.run_id, true, action);
  }

  /** The ids of the open questions, by question. */
  async questions(): Promise<Record<string, string>> {
    const { tasks } = await this.#client.threads.getState(this.id);
    const open = tasks.flatMap(({ interrupts }) => interrupts);
    return Object.fromEntries(open.map(({ id, value }) => [value, String(id)]));
  }

  /** All that the server says of the thread. */
  async state() {
    const { threads, runs } = this.#client;
    const { values, next, tasks } = await threads.getState(this.id);
    const { status } = await threads.get(this.id);
    const all = await runs.list(this.id);
    const history = await threads.getHistory(this.id);
    return {
      messages: values.messages,
      next,
      tasks,
      status,
      runs: all.map((run) => run.status),
      steps: history.map(({ metadata }) => metadata),
    };
  }

  /** What the thread says: `["human", "ai", "a: yes", "ai: All done."]`. */
  async lines(): Promise<string[]> {
    const { values } = await this.#client.threads.getState(this.id);
    return values.messages.map((message) => {
      const text = String(message.content);
      if (message.type === "tool") return `${message.tool_call_id}: ${text}`;
      return message.type === "ai" && text ? `ai: ${text}` : message.type;
    });
  }

  get log(): readonly string[] {
    return this.#stage.logOf(this.id);
  }

  /** Adds a line of the test's own. */
  note(line: string): void {
    this.#stage.logOf(this.id).push(line);
  }

  async seen(...lines: string[]): Promise<void> {
    for (const line of lines) await this.#stage.seen(this.id, line);
  }

  finish(...calls: string[]): void {
    for (const call of calls) this.#stage.finish(this.id, call);
  }
}

function isCalls(
  what: readonly ServerCall[] | Answers,
): what is readonly ServerCall[] {
  return Array.isArray(what);
}

function resumeWith(answers: Answers) {
  return { command: { resume: answers } };
}

/** See MessageModel. */
function inputOf(calls: readonly ServerCall[]) {
  const script = calls.map((call) => ({ args: {}, ...call }));
  return { messages: [{ role: "user", content: JSON.stringify(script) }] };
}
