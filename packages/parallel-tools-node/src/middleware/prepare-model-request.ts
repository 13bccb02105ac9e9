import { SystemMessage } from "@langchain/core/messages";
import type { ReferenceRules } from "../plan/references/call-references.js";
import type { PolicyOptions } from "../policy/policy-book.js";
import {
  type ReferenceInstructionsOptions,
  referenceInstructions,
} from "../references/reference-instructions.js";
import { withReferences } from "../references/with-references.js";

/** What of a request to the model is to be changed. */
export interface ModelRequestPart {
  readonly tools: ReferenceInstructionsOptions["tools"];
  readonly systemMessage: SystemMessage;
}

/**
 * The tools widened so that their arguments may hold references, and the system
 * message with the instructions behind it.
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
