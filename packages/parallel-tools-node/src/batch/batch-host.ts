import type { ToolCall } from "@langchain/core/messages/tool";
import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import type { WarnOnce } from "../errors/warn-once.js";
import type { Clock } from "../limits/clock.js";
import type { LimitBook } from "../limits/limit-book.js";
import type { ReferenceRules } from "../plan/references/call-references.js";
import type { PolicyBook } from "../policy/policy-book.js";
import type { BatchTracer } from "../report/batch-tracer.js";
import type { ReportListener } from "../report/notify.js";
import type { RetryOptions } from "./call-attempts.js";
import type { EarlyBatches } from "./early-batches.js";
import type { SequentialOption } from "./execution-mode.js";
import type { Durability } from "./kept-calls.js";
import type { Answer, ExecutableTool } from "./run-tool.js";

/** What all batches of a node or middleware share: options, policies, limits. */
export interface BatchHost {
  readonly policies: PolicyBook;
  /** All known tools. The list may change, so it is read at each look-up. */
  readonly tools: () => readonly ExecutableTool[];
  readonly limits: LimitBook;
  /** What runs inside of its calls has to know of them: also if code comes to do so. */
  opensScopes: boolean;
  /** Calls from code inside of its calls. */
  readonly code: CodeUse;
  readonly clock: Clock;
  readonly maxCalls: number;
  readonly maxDepth: number;
  readonly arrivalTimeoutMs: number;
  readonly batchTimeoutMs: number | undefined;
  readonly drainMs: number | undefined;
  readonly maxOutputBytes: number | undefined;
  readonly retries: RetryOptions;
  /** What is said on the console once for the node or middleware. */
  readonly warnings: WarnOnce;
  /** `undefined`: references are off, and texts that look like one are plain. */
  readonly references: ReferenceRules | undefined;
  /** `undefined` without the option `durable`. */
  readonly durability: Durability | undefined;
  /** `undefined` without the option `eager`. */
  readonly early: EarlyBatches | undefined;
  /** The order of calls is noted on each message of the model (`order-note.ts`). */
  readonly notesOrder: boolean;
  readonly streamsProgress: boolean;
  readonly reportsArguments: boolean;
  readonly sequential: SequentialOption;
  readonly handlesErrors: () => boolean;
  readonly onReport: ReportListener | undefined;
  readonly tracer: BatchTracer | undefined;
  /** Somebody wants to be told of its batches. */
  readonly isWatched: boolean;
}

/** Whether code calls tools under the policies of a node or middleware. */
export interface CodeUse {
  /** Each attempt of a call waits until calls of code inside of it have ended. */
  isOn: boolean;
  /** Some tool that code may call runs alone. */
  hasSequential: boolean;
}

/** The signature of a ToolNode's `runTool`. */
export type RunTool = (
  call: ToolCall,
  config: LangGraphRunnableConfig,
  state: unknown,
) => Promise<Answer>;
