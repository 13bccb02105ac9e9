import type { ToolCall } from "@langchain/core/messages/tool";
import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import type { Clock } from "../limits/clock.js";
import type { LimitBook } from "../limits/limit-book.js";
import type { ReferenceRules } from "../plan/references/call-references.js";
import type { PolicyBook } from "../policy/policy-book.js";
import type { BatchTracer } from "../report/batch-tracer.js";
import type { ReportListener } from "../report/notify.js";
import type { RetryOptions } from "./call-retries.js";
import type { SequentialOption } from "./execution-mode.js";
import type { Answer } from "./run-tool.js";

/** What a node lends to each of its batches. */
export interface BatchHost {
  readonly policies: PolicyBook;
  readonly limits: LimitBook;
  readonly clock: Clock;
  readonly maxCalls: number;
  readonly retries: RetryOptions;
  /** `undefined`: what looks like a reference is none. */
  readonly references: ReferenceRules | undefined;
  readonly reportsArguments: boolean;
  readonly sequential: SequentialOption;
  readonly handlesErrors: () => boolean;
  readonly onReport: ReportListener | undefined;
  readonly tracer: BatchTracer | undefined;
  runTool(
    call: ToolCall,
    config: LangGraphRunnableConfig,
    state: unknown,
  ): Promise<Answer>;
}
