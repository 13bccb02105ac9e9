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
}

/** What this process puts before the numbers of its batches. */
const PROCESS = randomBytes(6).toString("hex");

let batches = 0;

/** The identity of a batch that begins now. */
export function identify(inside: CallPlace | undefined): BatchIdentity {
  batches += 1;
  return { number: batches, id: `${PROCESS}-${batches}`, inside };
}

/** What a report, an event or a tracer is told of the identity of a batch. */
export function identityFields({ id, inside }: BatchIdentity): {
  readonly batchId: string;
  readonly inside?: CallPlace;
} {
  return { batchId: id, ...(inside !== undefined && { inside }) };
}
