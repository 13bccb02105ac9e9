export { toolsCondition } from "@langchain/langgraph/prebuilt";
export type { SequentialOption } from "./batch/execution-mode.js";
export { AccessCycleError } from "./errors/access-cycle-error.js";
export { CircuitOpenError } from "./errors/circuit-open-error.js";
export { ServerPausedError } from "./errors/server-paused-error.js";
export { ConfigurationError } from "./errors/configuration-error.js";
export { PolicyFunctionError } from "./errors/policy-function-error.js";
export { SiblingFailedError } from "./errors/sibling-failed-error.js";
export { ToolTimeoutError } from "./errors/tool-timeout-error.js";
export { UnresolvedReferenceError } from "./errors/unresolved-reference-error.js";
export { inProcessLimits } from "./limits/in-process-limits.js";
export { limitModel } from "./limit-model.js";
export { withEager } from "./with-eager.js";
export type { ModelLimits } from "./model/model-limits.js";
export type { ModelRequest } from "./model/model-request.js";
export type {
  LimitRequest,
  Permit,
  SharedLimit,
  SharedLimits,
} from "./limits/shared-limits.js";
export {
  ParallelToolNode,
  ParallelToolNode as ToolNode,
  type ParallelToolNodeOptions,
} from "./parallel-tool-node.js";
export type {
  BatchPlan,
  Dependency,
  DependencyReason,
  PlannedCall,
  PlanShape,
} from "./plan/batch-plan.js";
export {
  type PlanBatchOptions,
  type PlannableCall,
  planBatch,
} from "./plan/plan-batch.js";
export type { ReferencesOption } from "./plan/references/read-references-option.js";
export { type Access, read, write } from "./policy/access.js";
export type { CircuitPolicy } from "./policy/circuit-policy.js";
export type { LimitFunction } from "./policy/limit-function.js";
export type { RateLimit, ResolvedRateLimit } from "./policy/rate-limit.js";
export { type Resource, resource } from "./policy/resource.js";
export type { RetryPolicy } from "./policy/retry-policy.js";
export type {
  FeedbackReader,
  ServerFeedback,
} from "./policy/server-feedback.js";
export type { ToolPolicy } from "./policy/tool-policy.js";
export {
  type ReferenceInstructionsOptions,
  referenceInstructions,
} from "./references/reference-instructions.js";
export type {
  BatchReport,
  CallReport,
  CallRun,
  LowerBound,
  Wait,
  WaitReason,
} from "./report/batch-report.js";
export type {
  BatchTrace,
  BatchTracer,
  CallEnd,
  TracedBatch,
  TracedCall,
} from "./report/batch-tracer.js";
export type { ReportListener } from "./report/notify.js";
export {
  isProgressEvent,
  type ProgressEvent,
} from "./report/progress-event.js";
export type { CallPlace } from "./schedule/call-place.js";
export type { OutcomeStatus } from "./schedule/outcome.js";
export { withReferences } from "./references/with-references.js";
