import { SystemMessage } from "@langchain/core/messages";
import type { ReferenceRules } from "../plan/references/call-references.js";
import type { PolicyOptions } from "../policy/policy-book.js";
import {
  type ReferenceInstructionsOptions,
  referenceInstructions,
} from "../references/reference-instructions.js";
import { withReferences } from "../references/with-references.js";

/** The fields of a request to the model that we change. */
export interface ModelRequestPart {
  readonly tools: ReferenceInstructionsOptions["tools"];
  readonly systemMessage: SystemMessage;
}

/**
 * A definition that can be run, as the tool can that it stands for: other middleware
 * looks for the tools of the agent in the request, such as one that runs code. LangChain
 * takes it for no other tool than its own, which a runnable would be.
 */
function runnable<Definition>(
  definition: Definition,
  tool: unknown,
): Definition {
  const { invoke } = (tool ?? {}) as { readonly invoke?: unknown };
  if (definition === tool || typeof invoke !== "function") return definition;
  // Not to be copied or serialised with the definition.
  return Object.defineProperty(definition as object, "invoke", {
    value: invoke.bind(tool),
  }) as Definition;
}

/**
 * Widens the schemas of the tools so that arguments may hold references, and adds
 * instructions for references to the end of the system message.
 */
export function prepareModelRequest(
  { tools, systemMessage }: ModelRequestPart,
  { policies, defaultPolicy }: PolicyOptions,
  { embedded }: ReferenceRules,
): ModelRequestPart {
  if (tools.length === 0) return { tools, systemMessage };
  const options = {
    ...(policies && { policies }),
    ...(defaultPolicy && { defaultPolicy }),
  };
  const instructions = referenceInstructions({ ...options, tools, embedded });
  return {
    tools: withReferences(tools, options).map((widened, at) =>
      runnable(widened, tools[at]),
    ),
    systemMessage:
      systemMessage.text === ""
        ? new SystemMessage(instructions)
        : systemMessage.concat(`\n\n${instructions}`),
  };
}
