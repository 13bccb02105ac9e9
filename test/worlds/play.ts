import { type BaseMessage, isAIMessage } from "@langchain/core/messages";
import {
  type BaseCheckpointSaver,
  Command,
  INTERRUPT,
  isInterrupted,
  MemorySaver,
} from "@langchain/langgraph";
import type { Difference } from "./difference.js";
import {
  createHost,
  type Host,
  LIBRARY,
  type Subject,
} from "./host/create-host.js";
import { configurableOf } from "./host/options-of.js";
import type { Stage } from "./host/stage.js";
import {
  type Decision,
  Human,
  type Move,
  type ShownQuestion,
} from "./human.js";
import { type Mark, ThreadJudge } from "./oracle/thread-judge.js";
import { type StateEdit, stateEdit } from "./state-edit.js";
import {
  type Edit,
  type Fork,
  isShared,
  isSubstituted,
  toolOf,
  type Turn,
  type World,
} from "./world.js";

export interface PlayOptions {
  /** @default what is under test */
  readonly subject?: Subject | undefined;
  /**
   * After so long without an end a run hangs. Long: many worlds are played at once,
   * and each timer of one waits for the turns of the others.
   */
  readonly watchdogMs?: number | undefined;
  /** @default one in memory */
  readonly saver?: BaseCheckpointSaver | undefined;
}

const WATCHDOG_MS = 60_000;

/** Of this process. */
let threads = 0;

/** More than any human here needs. */
const MAX_RUNS = 150;

/** A call as `humanInTheLoopMiddleware` asks about it. */
interface Action {
  readonly name: string;
  readonly args: { readonly number: number };
}

interface Review {
  readonly id: string;
  readonly actions: readonly Action[];
}

/** What a run has come to. */
interface Stop {
  readonly shown: readonly ShownQuestion[];
  readonly review: Review | undefined;
  readonly messages: readonly BaseMessage[];
}

/** A checkpoint at which a question of a tool was shown. */
interface Pause extends Stop {
  readonly config: Record<string, unknown>;
  readonly mark: Mark;
}

/** What the next run begins with. */
interface Start {
  readonly input: unknown;
  /** A checkpoint. `undefined`: the last one. */
  readonly at?: Record<string, unknown> | undefined;
}

/** One thread, from its first message to its end and to what is made of that. */
export class Play {
  readonly story: string[] = [];
  readonly #world: World;
  readonly #subject: Subject;
  readonly #stage: Stage;
  readonly #watchdogMs: number;
  readonly #saver: BaseCheckpointSaver;
  readonly #thread: string;
  readonly #human: Human;
  readonly #judge: ThreadJudge;
  readonly #edits: Edit[];
  readonly #forks: Fork[];
  /** By the id of the checkpoint: what was shown there last. */
  readonly #pauses = new Map<unknown, Pause>();
  #host: Host;
  #edit = 0;
  /** The run goes on from a checkpoint that has another future. */
  #isElsewhere = false;

  constructor(
    world: World,
    stage: Stage,
    { subject = LIBRARY, watchdogMs = WATCHDOG_MS, saver }: PlayOptions,
  ) {
    this.#world = world;
    this.#subject = subject;
    this.#stage = stage;
    this.#watchdogMs = watchdogMs;
    this.#saver = saver ?? new MemorySaver();
    threads += 1;
    this.#thread = `${world.seed}-${world.number}-${threads}`;
    this.#human = new Human(world.human);
    this.#judge = new ThreadJudge(world);
    this.#edits = [...world.human.edits];
    this.#forks = [...world.human.forks];
    this.#host = this.#newHost();
  }

  async toTheEnd(): Promise<readonly Difference[]> {
    const stage = this.#stage;
    let start: Start | undefined = { input: this.#host.input };
    while (start !== undefined) {
      if (stage.run === MAX_RUNS) {
        return [{ kind: "never ends", detail: `${MAX_RUNS} runs` }];
      }
      stage.run += 1;
      if (this.#world.host.isNewEachRun) {
        this.#host = this.#newHost();
      }
      let stop: Stop;
      try {
        stop = await this.#stopAt(await this.#run(start));
      } catch (error) {
        const detail = `run ${stage.run}: ${String(error)}`;
        this.story.push(detail);
        return [{ kind: error === TOO_LONG ? "hangs" : "throws", detail }];
      }
      const { shown, review, messages } = stop;
      this.story.push(`run ${stage.run} ${stopText(stop)}`);
      const found = this.#judge.afterRun({
        log: stage.log,
        reports: stage.reports,
        run: stage.run,
        shown,
        reviewed: review?.actions.map(({ args }) => args.number),
        messages,
      });
      if (found.length > 0) return found;
      start = await this.#next(stop);
    }
    return [];
  }

  #newHost(): Host {
    return createHost(this.#world, this.#stage, this.#subject, this.#saver);
  }

  #run({ input, at }: Start): Promise<unknown> {
    const config = this.#config(at);
    return withWatchdog(this.#host.invoke(input, config), this.#watchdogMs);
  }

  /** A graph in a graph doesn't show its messages before it has ended. */
  async #stopAt(state: unknown): Promise<Stop> {
    const stop = stopIn(state);
    if (!this.#world.host.isSubgraph || !isInterrupted(state)) return stop;
    const messages = await this.#host.messages(this.#config(undefined));
    return { ...stop, messages };
  }

  #config(at: Start["at"]): Record<string, unknown> {
    const configurable = {
      ...configurableOf(this.#world),
      thread_id: this.#thread,
      ...(at?.["configurable"] as object | undefined),
    };
    return { configurable, durability: this.#world.host.durability };
  }

  /** `undefined`: it is over. */
  async #next(stop: Stop): Promise<Start | undefined> {
    const { shown, review } = stop;
    if (review !== undefined) return this.#decide(review);
    if (shown.length === 0) return this.#fork();
    // No checkpoint is made of a second answer before all calls have ended: to go
    // on there would be one more future.
    if (this.#isElsewhere) return undefined;
    if (this.#forks.length > 0) await this.#notePause(stop);
    const edited = await this.#maybeEdit(stop);
    if (edited !== undefined) return edited;
    const move = this.#human.next(shown);
    this.#judge.answered(move, shown);
    this.story.push(`the human ${JSON.stringify(move)}`);
    return { input: inputOf(move) };
  }

  #decide({ id, actions }: Review): Start {
    const { turn } = this.#judge.current;
    this.#stage.discardEarly(turn.place);
    if (this.#human.chance(0.1)) {
      this.story.push("the human goes on without a decision");
      return { input: null };
    }
    const reviewed = turn.calls.flatMap((_, index) =>
      toolOf(turn, index).isReviewed ? [index] : [],
    );
    const mayEdit = reviewed.map((index) => mayChange(turn, index));
    const decisions = this.#human.decide(mayEdit, () => this.#nextEdit());
    this.#judge.decided(decisions);
    this.story.push(`the human decides ${JSON.stringify(decisions)}`);
    const answer = { decisions: decisions.map(responseTo(actions)) };
    const isPlain = this.#human.chance(0.5) && !this.#world.human.decidesById;
    const resume = isPlain ? answer : { [id]: answer };
    return { input: new Command({ resume }) };
  }

  async #maybeEdit({ messages }: Stop): Promise<Start | undefined> {
    const [what] = this.#edits;
    if (what === undefined || !this.#human.chance(0.5)) return undefined;
    const edit = this.#editOf(what, messages, this.#judge.current.turn);
    if (edit === undefined) return undefined;
    this.#edits.shift();
    // Without its id, what is written of a step's tasks comes into the state: edges
    // that look at the last message then lead to the end.
    const isAddressed =
      this.#world.host.kind.endsWith("v2") || this.#human.chance(0.5);
    const now = await this.#host.checkpoint(this.#config(undefined));
    const made = await this.#host.edit(
      this.#config(isAddressed ? now : undefined),
      edit.messages,
    );
    this.#judge.edited(edit.turn, this.#stage.run + 1, edit.index);
    this.#stage.startAgain(this.#judge.current.toRun());
    this.story.push(editText(edit));
    return { input: null, at: this.#human.chance(0.5) ? made : undefined };
  }

  #editOf(
    what: Edit,
    messages: readonly BaseMessage[],
    turn: Turn,
  ): StateEdit | undefined {
    const { fates } = this.#judge.current;
    const place = { turn, fates, messages, number: this.#nextEdit() };
    return stateEdit(what, place, (indexes) => this.#human.pick(indexes));
  }

  async #notePause(stop: Stop): Promise<void> {
    const config = await this.#host.checkpoint(this.#config(undefined));
    const { checkpoint_id: id } = config["configurable"] as {
      checkpoint_id?: unknown;
    };
    this.#pauses.set(id, { ...stop, config, mark: this.#judge.mark() });
  }

  /** Goes back to where a question was shown. */
  async #fork(): Promise<Start | undefined> {
    const pauses = [...this.#pauses.values()];
    const form = this.#forks.shift();
    if (form === undefined || pauses.length === 0) return undefined;
    const pause = this.#human.pick(pauses);
    const { config, mark, shown, messages } = pause;
    const run = this.#stage.run + 1;
    this.#stage.startAgain();
    this.#edits.length = 0;
    this.story.push(
      `a fork (${form}) of turn ${mark.turn.place + 1}, where ${stopText(pause)}`,
    );
    this.#judge.forked(mark, run);
    if (form === "plain" || form === "by id") {
      const move = this.#human.forkMove(form, shown);
      this.#judge.current.answeredOnFork(move, shown);
      this.story.push(`the human ${JSON.stringify(move)}`);
      this.#isElsewhere = true;
      return { input: inputOf(move), at: config };
    }
    if (form === "null") return { input: null, at: config };
    const edit = this.#editOf("open call", messages, mark.turn);
    if (edit === undefined) return { input: null, at: config };
    const made = await this.#host.edit(this.#config(config), edit.messages);
    this.#judge.edited(edit.turn, run, edit.index);
    this.story.push(editText(edit));
    return { input: null, at: made };
  }

  #nextEdit(): number {
    this.#edit += 1;
    return this.#edit;
  }
}

/** Whether a call is run for itself, so that its arguments can be others. */
function mayChange(turn: Turn, index: number): boolean {
  const isSomebodyElses =
    isShared(turn, index) ||
    isSubstituted(turn, index) ||
    turn.absent.has(index);
  return !isSomebodyElses;
}

function responseTo(actions: readonly Action[]) {
  return (decision: Decision, place: number) => {
    const { name, args } = actions[place] as Action;
    switch (decision.is) {
      case "approve":
        return { type: "approve" };
      case "edit":
        return {
          type: "edit",
          editedAction: { name, args: { ...args, edit: decision.edit } },
        };
      case "reject":
        return { type: "reject", message: decision.message };
    }
  };
}

function inputOf(move: Move): unknown {
  switch (move.does) {
    case "goes on without an answer":
      return null;
    case "answers plainly":
      return new Command({ resume: move.answer });
    case "answers by id":
      return new Command({ resume: move.answers });
  }
}

interface Asked {
  readonly question?: string;
  readonly actionRequests?: readonly Action[];
}

function stopIn(state: unknown): Stop {
  const { messages = [] } = state as { messages?: BaseMessage[] };
  if (!isInterrupted<Asked>(state)) {
    return { shown: [], review: undefined, messages };
  }
  const asked = state[INTERRUPT].map(({ id, value }) => ({
    id: String(id),
    value,
  }));
  const review = asked.find(({ value }) => value?.actionRequests);
  return {
    shown: asked
      .filter((one) => one !== review)
      .map(({ id, value }) => ({
        id,
        question: value?.question ?? `unknown: ${JSON.stringify(value)}`,
      })),
    review: review && {
      id: review.id,
      actions: review.value?.actionRequests ?? [],
    },
    messages,
  };
}

function stopText({ shown, review, messages }: Stop): string {
  if (review !== undefined) {
    const names = review.actions.map(
      ({ name, args: { number } }) => `${name} (call ${number + 1})`,
    );
    return `asks to review ${names.join(", ")}`;
  }
  const turn = messages.filter(isAIMessage).length;
  const questions = shown.map(
    ({ id, question }) => `${question} #${id.slice(0, 6)}`,
  );
  return `in turn ${turn} shows: ${questions.join(" | ")}`;
}

function editText({ what, index }: StateEdit): string {
  return `a user edits: ${what}${index === undefined ? "" : ` ${index + 1}`}`;
}

const TOO_LONG = new Error("the run has not ended in time");

async function withWatchdog<Value>(
  run: Promise<Value>,
  ms: number,
): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(TOO_LONG), ms);
  });
  try {
    return await Promise.race([run, late]);
  } finally {
    clearTimeout(timer);
  }
}
