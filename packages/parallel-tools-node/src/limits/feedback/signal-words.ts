/**
 * What a name or code says whatever the status: the server took no such call now,
 * it was too busy, or the account has nothing left, which no wait mends.
 */
export type Signal = "throttled" | "overloaded" | "used up";

/** No name or code that is known here comes near to it. */
const MAX_LENGTH = 100;

/**
 * Without case and punctuation, and without `Exception` or `Error` at the end:
 * `RATE_LIMITED`, `rateLimited` and `RateLimitedError` are one.
 */
const WORDS: Readonly<Record<Signal, string>> = {
  // AWS in the first line; Google, GraphQL and Salesforce; Slack and Stripe;
  // Azure; Postgres and MySQL, which have no connection left.
  throttled: `
    throttling throttled ec2throttled requestthrottled slowdown toomanyrequests provisionedthroughputexceeded bandwidthlimitexceeded priorrequestnotcomplete
    ratelimit ratelimited ratelimitexceeded userratelimitexceeded resourceexhausted requestlimitexceeded
    slackwebapiratelimited striperatelimit
    ratelimitreached
    53300 erconcount ertoomanyuserconnections`,
  overloaded: "overloaded",
  "used up": `
    insufficientquota insufficientbalance insufficientcredits
    billinghardlimitreached billingnotactive billingerror`,
};

const SIGNALS = new Map(
  (Object.keys(WORDS) as Signal[]).flatMap((signal) =>
    WORDS[signal]
      .trim()
      .split(/\s+/)
      .map((word) => [word, signal] as const),
  ),
);

/** Also behind a namespace (`functions/`, `aws#`) and before `[/channels]`. */
export function signalOf(value: unknown): Signal | undefined {
  if (typeof value !== "string" || value.length > MAX_LENGTH) return undefined;
  const [path = ""] = value.split("[", 1);
  const name = path.slice(
    Math.max(path.lastIndexOf("/"), path.lastIndexOf("#")) + 1,
  );
  const word = name.toLowerCase().replace(/[^a-z0-9]/g, "");
  return (
    SIGNALS.get(word) ?? SIGNALS.get(word.replace(/(?:exception|error)$/, ""))
  );
}

/** What one field says outweighs another: to be used up, then to be throttled. */
export function strongerSignal(
  one: Signal | undefined,
  other: Signal | undefined,
): Signal | undefined {
  if (one === "used up" || other === undefined) return one;
  if (other === "used up" || one === undefined) return other;
  return one === "throttled" ? one : other;
}
