import type { EmbeddingsInterface } from "@langchain/core/embeddings";
import { BaseChatModel } from "@langchain/core/language_models/chat_models";
import type { BaseMessage } from "@langchain/core/messages";
import {
  has,
  type ModelFields,
  type ModelMethod,
  modelProxy,
} from "../langgraph/model-proxy.js";
import { watchRetries } from "../langgraph/model-retries.js";
import type { ModelAdmission } from "./model-admission.js";
import type { ModelRequest } from "./model-request.js";

type Options = Readonly<Record<string, unknown>> & {
  readonly signal?: AbortSignal;
};

/** All limited models. */
const all = new WeakSet<object>();
/** Those of an admission, by the models that they are made of. */
const known = new WeakMap<ModelAdmission, WeakMap<object, object>>();

/**
 * The same model, whose requests are admitted. `undefined`: it is neither a chat model
 * nor one that makes embeddings.
 */
export function limitedModel<Model>(
  model: Model,
  admission: ModelAdmission,
): (Model & object) | undefined {
  const key = model as object;
  if (all.has(key)) return key as Model & object;
  const ofAdmission = known.get(admission) ?? new WeakMap<object, object>();
  known.set(admission, ofAdmission);
  const before = ofAdmission.get(key);
  if (before !== undefined) return before as Model & object;
  const limited = modelProxy(model, {
    fieldsOf: (own) => fieldsFor(own, admission),
    givesModel: GIVES_MODEL,
    again: (other) => limitedModel(other, admission),
  });
  if (limited === undefined) return undefined;
  watchRetries(key);
  all.add(limited);
  ofAdmission.set(key, limited);
  return limited;
}

/** Methods whose result asks the same server. */
const GIVES_MODEL: ReadonlySet<PropertyKey> = new Set([
  "bindTools",
  "withConfig",
  "bind",
  "withStructuredOutput",
]);

const STREAMS = ["_streamResponseChunks", "_streamChatModelEvents"] as const;

function fieldsFor(
  model: object,
  admission: ModelAdmission,
): ModelFields | undefined {
  if (has(model, "_generate") && has(model, "_streamResponseChunks")) {
    return chatFields(model as unknown as BaseChatModel, admission);
  }
  if (has(model, "embedDocuments") && has(model, "embedQuery")) {
    return embeddingFields(model as unknown as EmbeddingsInterface, admission);
  }
  return undefined;
}

function chatFields(
  model: BaseChatModel,
  admission: ModelAdmission,
): ModelFields {
  const request = (messages: readonly BaseMessage[], options: Options) =>
    requestOf(model, { messages, options });
  const fields = new Map<PropertyKey, ModelMethod>();
  fields.set("_generate", (messages, options, ...rest) =>
    admission.run(
      request(messages as BaseMessage[], options as Options),
      (options as Options).signal,
      async () =>
        (model._generate as ModelMethod).call(
          model,
          messages,
          options,
          ...rest,
        ),
    ),
  );
  for (const key of STREAMS) {
    // What a model only inherits asks through those that it has.
    if (model[key] === BaseChatModel.prototype[key]) continue;
    fields.set(key, (messages, options, ...rest) =>
      admission.stream(
        request(messages as BaseMessage[], options as Options),
        (options as Options).signal,
        () =>
          (model[key] as ModelMethod).call(
            model,
            messages,
            options,
            ...rest,
          ) as AsyncIterable<unknown>,
      ),
    );
  }
  return fields;
}

function embeddingFields(
  model: EmbeddingsInterface,
  admission: ModelAdmission,
): ModelFields {
  const ask = <Result>(texts: readonly string[], send: () => Promise<Result>) =>
    admission.run(requestOf(model, { texts }), undefined, send);
  const { batchSize } = model as { readonly batchSize?: unknown };
  return new Map<PropertyKey, unknown>([
    [
      "embedQuery",
      (text: string) => ask([text], async () => model.embedQuery(text)),
    ],
    [
      "embedDocuments",
      // Each request of the model is one of ours.
      async (texts: string[]) => {
        const most = typeof batchSize === "number" ? batchSize : texts.length;
        const vectors = await Promise.all(
          partsOf(texts, Math.max(1, most)).map((part) =>
            ask(part, async () => model.embedDocuments(part)),
          ),
        );
        return vectors.flat();
      },
    ],
  ]);
}

function partsOf(texts: readonly string[], most: number): string[][] {
  const parts: string[][] = [];
  for (let at = 0; at < texts.length; at += most) {
    parts.push(texts.slice(at, at + most));
  }
  return parts;
}

function requestOf(
  model: object,
  sent: {
    readonly messages?: readonly BaseMessage[];
    readonly texts?: readonly string[];
    readonly options?: Options;
  },
): ModelRequest {
  const { messages = [], texts = [], options = {} } = sent;
  const fields = model as Readonly<Record<string, unknown>>;
  const name = fields["model"] ?? fields["modelName"];
  const maxTokens = [
    options["max_tokens"],
    options["maxTokens"],
    options["max_completion_tokens"],
    fields["maxTokens"],
    fields["maxOutputTokens"],
  ].find((value) => typeof value === "number" && value >= 0);
  return {
    model: typeof name === "string" ? name : undefined,
    messages,
    texts,
    maxTokens: maxTokens as number | undefined,
  };
}
