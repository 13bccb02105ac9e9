import { ConfigurationError } from "../../errors/configuration-error.js";
import { readFields } from "../../policy/read-fields.js";

/** Options of `reportToHtml`. */
export interface ReportToHtmlOptions {
  /**
   * The title of the page.
   *
   * @default "Tool calls"
   */
  title?: string;
  /**
   * What each batch is called, in the order of the reports.
   *
   * @default "Batch 1", "Batch 2" and so on
   */
  titles?: readonly string[];
}

/** @throws ConfigurationError */
export function readHtmlOptions(value: unknown): Required<ReportToHtmlOptions> {
  const fields = readFields("options", value, ["title", "titles"]);
  const { title = "Tool calls", titles = [] } = fields;
  if (typeof title !== "string") {
    throw new ConfigurationError("title", "a string", title);
  }
  if (!Array.isArray(titles) || titles.some((one) => typeof one !== "string")) {
    throw new ConfigurationError("titles", "an array of strings", titles);
  }
  return { title, titles };
}
