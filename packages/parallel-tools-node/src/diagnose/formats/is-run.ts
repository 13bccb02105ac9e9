import { ownText } from "../own-field.js";

/** Whether a record is a run of LangSmith. */
export function isRun(record: unknown): boolean {
  return (
    ownText(record, "run_type") !== undefined &&
    (ownText(record, "trace_id") ?? ownText(record, "id")) !== undefined
  );
}
