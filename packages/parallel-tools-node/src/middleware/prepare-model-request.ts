import { SystemMessage } from "@langchain/core/messages";
import type { ReferenceRules } from "../plan/references/call-references.js";
import type { PolicyOptions } from "../policy/policy-book.js";
import {
  type ReferenceInstructionsOptions,
  referenceInstructions,
} from "../references/reference-instructions.js";
import { withReferences } from "../references/with-references.js";

/** The part of a request to the model that is changed. */
export interface ModelRequestPart {
  readonly tools: ReferenceInstructionsOptions["tools"];
  readonly systemMessage: SystemMessage;
}

/**
 * The request with tools whose arguments may hold references, and with the
 * instructions for them at the end of the system message.
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
