import { GOING_ON } from "./draw/draw-world.js";
import { Random } from "./random.js";
import type { Form, HumanDraw } from "./world.js";

/** A question as the application sees it. */
export interface ShownQuestion {
  readonly id: string;
  readonly question: string;
}

/** What a human does about a thread that waits. */
export type Move =
  | { readonly does: "goes on without an answer" }
  | { readonly does: "answers plainly"; readonly answer: unknown }
  | {
      readonly does: "answers by id";
      readonly answers: Readonly<Record<string, unknown>>;
    };

/** What a human says of a call before it is run. */
export type Decision =
  | { readonly is: "approve" }
  /** It gets other arguments, with this number. */
  | { readonly is: "edit"; readonly edit: number }
  | { readonly is: "reject"; readonly message: string };

/** So often in a row it may do what answers nothing. */
const MAX_IDLE_RUNS = 3;

/** Goes on with a thread in the forms that were drawn for it. */
export class Human {
  readonly #random: Random;
  readonly #forms: readonly Form[];
  readonly #saysNothingTwice: boolean;
  #count = 0;
  #last: Move | undefined;
  #idle = 0;
  /** Ids of questions that were answered. */
  readonly #old: string[] = [];

  constructor({ seed, forms, saysNothingTwice }: HumanDraw) {
    this.#random = new Random(seed);
    this.#forms = forms;
    this.#saysNothingTwice = saysNothingTwice;
  }

  /**
   * @param mayEdit of each call, whether it may get other arguments
   * @param nextEdit a number for each edit
   */
  decide(mayEdit: readonly boolean[], nextEdit: () => number): Decision[] {
    return mayEdit.map((isFree): Decision => {
      this.#count += 1;
      if (this.#random.chance(0.08)) {
        return { is: "reject", message: `no, decision ${this.#count}` };
      }
      return isFree && this.#random.chance(0.3)
        ? { is: "edit", edit: nextEdit() }
        : { is: "approve" };
    });
  }

  /** Whether to do something else now than answer. */
  chance(probability: number): boolean {
    return this.#random.chance(probability);
  }

  pick<Item>(items: readonly Item[]): Item {
    return this.#random.pick(items);
  }

  /** On a fork, to what was shown where it begins. */
  forkMove(form: "plain" | "by id", shown: readonly ShownQuestion[]): Move {
    return this.#move(form === "plain" ? "plain" : "some", shown);
  }

  next(shown: readonly ShownQuestion[]): Move {
    const goingOn = this.#forms.filter((form) => GOING_ON.includes(form));
    const forms = this.#idle < MAX_IDLE_RUNS ? this.#forms : goingOn;
    const move = this.#move(this.#random.pick(forms), shown);
    const ids = shown.map(({ id }) => id);
    const answered =
      move.does === "answers plainly"
        ? ids
        : move.does === "answers by id"
          ? ids.filter((id) => id in move.answers)
          : [];
    this.#idle = answered.length > 0 ? 0 : this.#idle + 1;
    this.#old.push(...answered);
    this.#last = move;
    return move;
  }

  #move(form: Form, shown: readonly ShownQuestion[]): Move {
    const ids = shown.map(({ id }) => id);
    switch (form) {
      case "plain":
        return { does: "answers plainly", answer: this.#answer() };
      case "one":
        return this.#byId([this.#random.pick(ids)]);
      case "some": {
        const order = this.#random.shuffled(ids);
        return this.#byId(order.slice(0, this.#random.between(1, ids.length)));
      }
      case "all":
        return this.#byId(this.#random.shuffled(ids));
      case "mixed":
        return this.#byId([this.#noId(), this.#random.pick(ids)]);
      case "old": {
        const old = this.#old.filter((id) => !ids.includes(id));
        return this.#byId([
          old.length > 0 ? this.#random.pick(old) : this.#noId(),
        ]);
      }
      case "wrong":
        return this.#byId([this.#noId()]);
      case "twice":
        return this.#last === undefined ||
          (this.#saysNothingTwice && this.#last.does === "answers plainly")
          ? { does: "goes on without an answer" }
          : this.#last;
      case "null":
        return { does: "goes on without an answer" };
    }
  }

  #byId(ids: readonly string[]): Move {
    const answers = ids.map((id) => {
      const answer = this.#random.chance(0.03) ? null : this.#answer();
      return [id, answer] as const;
    });
    return { does: "answers by id", answers: Object.fromEntries(answers) };
  }

  /** Nearly each is another, so that one given to the wrong question is seen. */
  #answer(): unknown {
    this.#count += 1;
    const isNo = this.#random.chance(0.35);
    if (this.#random.chance(0.08) && !this.#saysNothingTwice) {
      return this.#random.pick([false, 0, ""]);
    }
    const word = `${isNo ? "no" : "yes"}, answer ${this.#count}`;
    switch (this.#random.between(0, 3)) {
      case 0:
        return { approve: !isNo, answer: this.#count };
      case 1:
        return isNo ? word : 1_000 + this.#count;
      default:
        return word;
    }
  }

  /** As LangGraph's ids look, and nobody's. */
  #noId(): string {
    const digit = () => this.#random.between(0, 15).toString(16);
    return Array.from({ length: 32 }, digit).join("");
  }
}
