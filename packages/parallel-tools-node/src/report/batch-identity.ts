import { randomBytes } from "node:crypto";
import type { CallPlace } from "../schedule/call-place.js";

/** By what reports, events and spans of a batch are known. */
export interface BatchIdentity {
  /** Counts the batches of this process that are watched. */
  readonly number: number;
  /** Differs between processes, too: reports of several can be put together. */
  readonly id: string;
  /** The call inside which the batch runs. */
  readonly inside: CallPlace | undefined;
  /** `undefined`: the calls of a message. */
  readonly kind?: BatchKind | undefined;
}

/**
 * What a batch is that is not a message's calls. `"model"`: one request to a model.
 * `"code"`: the calls that code has made inside of a call.
 */
export type BatchKind = "model" | "code";

/** What this process puts before the numbers of its batches. */
const PROCESS = randomBytes(6).toString("hex");

let batches = 0;

/** The identity of a batch that begins now. */
export function identify(
  inside: CallPlace | undefined,
  kind?: BatchKind,
): BatchIdentity {
  batches += 1;
  return { number: batches, id: `${PROCESS}-${batches}`, inside, kind };
}

/** What a report, an event or a tracer is told of the identity of a batch. */
export function identityFields({ id, inside, kind }: BatchIdentity): {
  readonly batchId: string;
  readonly inside?: CallPlace;
  readonly kind?: BatchKind;
} {
  return {
    batchId: id,
    ...(inside !== undefined && { inside }),
    ...(kind !== undefined && { kind }),
  };
}
