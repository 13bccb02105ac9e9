import { BaseChatModel } from "@langchain/core/language_models/chat_models";
import {
  AIMessage,
  AIMessageChunk,
  type BaseMessage,
  type UsageMetadata,
} from "@langchain/core/messages";
import { ChatGenerationChunk, type ChatResult } from "@langchain/core/outputs";

/** A server that says no, and when to come back. */
export class Refusal extends Error {
  override readonly name = "RateLimitError";
  readonly status = 429;
  readonly headers: Readonly<Record<string, string>>;

  constructor(seconds: number) {
    super("429 Rate limit reached");
    this.headers = { "retry-after": String(seconds) };
  }
}

/** Answers in a time, or as it is told. Keeps what it has in private fields. */
export class FakeModel extends BaseChatModel {
  readonly #log: string[];
  readonly #ms: number;
  /** When the model was made. */
  readonly #start = Date.now();
  readonly #script: (Error | "ok" | "breaks")[];
  maxTokens: number | undefined;
  /** What answers say of the tokens that they took. */
  usage: UsageMetadata | undefined;
  /** The first piece of a stream tells these, not the last. */
  tellsFirst = false;
  /** Of each response, as a client hands them on that shows them. */
  headers: Readonly<Record<string, string>> | undefined;

  constructor(
    log: string[] = [],
    ms = 10,
    script: (Error | "ok" | "breaks")[] = [],
  ) {
    super({});
    this.#log = log;
    this.#ms = ms;
    this.#script = script;
  }

  override _llmType() {
    return "fake";
  }

  override bindTools(_tools: unknown) {
    void this.#log;
    return this;
  }

  async #wait(what: string) {
    this.#log.push(`${Date.now() - this.#start} ${what}`);
    const step = this.#script.shift() ?? "ok";
    await new Promise((resolve) => {
      setTimeout(resolve, this.#ms);
    });
    if (step instanceof Error) throw step;
    return step;
  }

  override async _generate(messages: BaseMessage[]): Promise<ChatResult> {
    await this.#wait(messages.at(-1)!.text);
    const message = new AIMessage("fine");
    Object.assign(message, this.#facts());
    return { generations: [{ text: "fine", message }] };
  }

  #facts() {
    const { usage, headers } = this;
    return {
      usage_metadata: usage,
      ...(headers && { response_metadata: { headers } }),
    };
  }

  /** Finds a private field. */
  describe() {
    return `answers in ${this.#ms} ms`;
  }

  override async *_streamResponseChunks(messages: BaseMessage[]) {
    const step = await this.#wait(messages.at(-1)!.text);
    for (const text of ["one ", "two"]) {
      const message = new AIMessageChunk(text);
      // As most providers do: the last piece tells it.
      if ((text === "two") !== this.tellsFirst)
        Object.assign(message, this.#facts());
      yield new ChatGenerationChunk({ text, message });
      if (step === "breaks") throw new Refusal(1);
    }
  }
}
