import type { Finding } from "../finding.js";

/**
 * Where a finding stands, e.g. `runs.jsonl, line 3, column 1 (conversation 2),
 * messages 4 to 10`.
 */
export function placeOf({
  source,
  place,
  conversation,
  messages,
}: Finding): string {
  const number = `conversation ${conversation}`;
  const file = place ?? source;
  const where = file === undefined ? number : `${file} (${number})`;
  const [first] = messages;
  const last = messages.at(-1);
  return first === last
    ? `${where}, message ${first}`
    : `${where}, messages ${first} to ${last}`;
}
