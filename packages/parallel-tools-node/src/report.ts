export {
  formatReport,
  type FormatReportOptions,
} from "./report/text/format-report.js";
export type {
  ChromeTrace,
  TraceArgs,
  TraceEvent,
} from "./report/trace/chrome-trace.js";
export { reportToTrace } from "./report/trace/report-to-trace.js";
export {
  reportToHtml,
  type ReportToHtmlOptions,
} from "./report/html/report-to-html.js";
