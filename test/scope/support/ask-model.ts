import { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { AIMessage, AIMessageChunk } from "@langchain/core/messages";
import { ChatGenerationChunk, type ChatResult } from "@langchain/core/outputs";
import type { BatchHost } from "@/batch/batch-host.js";
import { createBatchHost } from "@/batch/create-batch-host.js";
import type { Clock } from "@/limits/clock.js";
import type { Limit } from "@/limits/limit.js";
import { limitedModel } from "@/model/limited-model.js";
import { ModelAdmission } from "@/model/model-admission.js";
import { readModelLimits } from "@/model/model-limits.js";

/** A request to a model. */
interface Request {
  readonly limits: readonly Limit[];
  readonly cost: number;
  readonly isStreamed: boolean;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
  /** What the model does once the request is admitted. */
  readonly answer: () => Promise<string>;
}

/** Asks a chat model that is limited as `limitModel` does it. Gives its answer. */
export async function askModel(request: Request): Promise<string> {
  const { cost, isStreamed, answer } = request;
  const signal = request.signal && { signal: request.signal };
  // The limits are found by `hostWith`, whatever they are called.
  const policy = readModelLimits("model", { resources: "api", cost }, ["api"]);
  const admission = new ModelAdmission(hostWith(request), policy);
  const model = limitedModel(new TreeModel(answer), admission)!;
  if (!isStreamed) return (await model.invoke("Go on.", signal)).text;
  let text = "";
  for await (const chunk of await model.stream("Go on.", signal)) {
    text += chunk.text;
  }
  return text;
}

function hostWith({ limits, clock, cost }: Request): BatchHost {
  const host = createBatchHost({}, { tools: () => [], handlesErrors });
  const book = { of: () => ({ limits, cost, gates: [], circuits: [] }) };
  return {
    ...host,
    clock,
    limits: { ofResources: book } as unknown as BatchHost["limits"],
    retries: { ...host.retries, clock },
  };
}

const handlesErrors = () => true;

class TreeModel extends BaseChatModel {
  readonly #answer: () => Promise<string>;

  constructor(answer: () => Promise<string>) {
    super({});
    this.#answer = answer;
  }

  override _llmType(): string {
    return "tree";
  }

  override async _generate(): Promise<ChatResult> {
    const text = await this.#answer();
    return { generations: [{ text, message: new AIMessage(text) }] };
  }

  override async *_streamResponseChunks(): AsyncGenerator<ChatGenerationChunk> {
    const text = await this.#answer();
    for (const part of [text.slice(0, 2), text.slice(2)]) {
      const message = new AIMessageChunk(part);
      yield new ChatGenerationChunk({ text: part, message });
    }
  }
}
