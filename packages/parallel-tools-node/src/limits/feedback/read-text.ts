import { plausibleDelay } from "./parse-delay.js";

/** What says that a call was refused stands at the front of a text. */
const MAX_LENGTH = 1_000;

/** What can mean nothing else than a 429; docs/throttle-signals.md lists it. */
const FORMS: readonly RegExp[] = [
  /\bHTTP(?:\/\d(?:\.\d)?)?(?: error| status)?[ :=]{1,2}429\b/i,
  /\bstatus ?(?:code)?(?: of| is| was)?[ :=]{1,3}429\b/i,
  /^(?:[\w .-]{1,40}: )?(?:ERR )?(?:too many requests|(?:api )?rate limit exceeded|you are being rate limited|max number of clients reached) ?(?:[.,:;!([]|$)/i,
];
const NUMBER = /\b429\b/;
const PHRASE = /\btoo many requests\b/i;

const DELAY =
  /\b(?:retry|try again) (?:after|in):? (\d{1,9}(?:\.\d{1,9})?) ?(ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?)?\b/i;

/** The front of a text, if it is one. */
export function frontOf(text: unknown): string {
  return typeof text === "string" ? text.slice(0, MAX_LENGTH) : "";
}

/** Whether the text of an error alone says that the call was refused. */
export function saysThrottled(front: string): boolean {
  return (
    FORMS.some((form) => form.test(front)) ||
    (NUMBER.test(front) && PHRASE.test(front))
  );
}

/**
 * Reads `retry after 3 seconds`, `retry after 3` or `try again in 1.5s`, of a text
 * that says that the call was refused. Without a unit it is seconds.
 *
 * @returns milliseconds
 */
export function readDelayInText(front: string): number | undefined {
  const match = DELAY.exec(front);
  if (match === null) return undefined;
  const unit = (match[2] ?? "s").toLowerCase();
  const isMinutes = unit.startsWith("m") && !/^m(?:s$|illi)/.test(unit);
  const isMs = unit.startsWith("m") && !isMinutes;
  const unitMs = isMs ? 1 : isMinutes ? 60_000 : 1_000;
  return plausibleDelay(Number(match[1]) * unitMs);
}
