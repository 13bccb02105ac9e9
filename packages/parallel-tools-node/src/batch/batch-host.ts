import type { ToolCall } from "@langchain/core/messages/tool";
import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import type { Clock } from "../limits/clock.js";
import type { LimitBook } from "../limits/limit-book.js";
import type { ReferenceRules } from "../plan/references/call-references.js";
import type { PolicyBook } from "../policy/policy-book.js";
import type { BatchTracer } from "../report/batch-tracer.js";
import type { ReportListener } from "../report/notify.js";
import type { RetryOptions } from "./call-attempts.js";
import type { SequentialOption } from "./execution-mode.js";
import type { Answer, ExecutableTool } from "./run-tool.js";

/** What a node lends to each of its batches. */
export interface BatchHost {
  readonly policies: PolicyBook;
  /** All that are known; read again at each look-up. */
  readonly tools: () => readonly ExecutableTool[];
  readonly limits: LimitBook;
  readonly clock: Clock;
  readonly maxCalls: number;
  /** For how long a call waits for a sibling that does not come. */
  readonly arrivalTimeoutMs: number;
  /** From the start of a batch to its end at the latest. */
  readonly batchTimeoutMs: number | undefined;
  /** For how long the calls of an aborted batch are waited for. */
  readonly drainMs: number | undefined;
  /** The size of a result beyond which it is cut, in bytes of UTF-8. */
  readonly maxOutputBytes: number | undefined;
  readonly retries: RetryOptions;
  /** `undefined`: what looks like a reference is none. */
  readonly references: ReferenceRules | undefined;
  readonly isDurable: boolean;
  readonly streamsProgress: boolean;
  readonly reportsArguments: boolean;
  readonly sequential: SequentialOption;
  readonly handlesErrors: () => boolean;
  readonly onReport: ReportListener | undefined;
  readonly tracer: BatchTracer | undefined;
}

/** Runs one call, as a node does. */
export type RunTool = (
  call: ToolCall,
  config: LangGraphRunnableConfig,
  state: unknown,
) => Promise<Answer>;
