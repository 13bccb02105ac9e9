export { diagnose } from "./diagnose/diagnose.js";
export type { DiagnoseOptions } from "./diagnose/diagnose-options.js";
export { diagnoseStream, type TextSource } from "./diagnose/diagnose-stream.js";
export {
  diagnoseThread,
  type DiagnoseThreadOptions,
  type GraphWithHistory,
} from "./diagnose/diagnose-thread.js";
export type { Diagnosis, Pattern } from "./diagnose/diagnosis.js";
export type {
  Advice,
  EagerStart,
  Finding,
  FoundCall,
  Need,
  NeedReason,
  NPlusOne,
  OneByOne,
} from "./diagnose/finding.js";
export { diagnosisToHtml } from "./diagnose/output/diagnosis-to-html.js";
export {
  formatDiagnosis,
  type FormatDiagnosisOptions,
  type TextRole,
} from "./diagnose/output/format-diagnosis.js";
export { ConfigurationError } from "./errors/configuration-error.js";
export { UnreadableConversationError } from "./errors/unreadable-conversation-error.js";
