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
    tools: withReferences(tools, options),
    systemMessage:
      systemMessage.text === ""
        ? new SystemMessage(instructions)
        : systemMessage.concat(`\n\n${instructions}`),
  };
}
