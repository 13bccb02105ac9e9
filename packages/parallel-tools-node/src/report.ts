export { formatReport } from "./report/text/format-report.js";
export type { FormatReportOptions } from "./report/text/text-options.js";
export type {
  ChromeTrace,
  TraceArgs,
  TraceEvent,
} from "./report/trace/chrome-trace.js";
export { reportToTrace } from "./report/trace/report-to-trace.js";
export type { ReportToHtmlOptions } from "./report/html/html-options.js";
export { reportToHtml } from "./report/html/report-to-html.js";
