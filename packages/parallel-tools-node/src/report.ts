export { formatReport } from "./report/text/format-report.js";
export type { FormatReportOptions } from "./report/text/text-options.js";
