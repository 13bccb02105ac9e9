import type { ThrottleSignal } from "./throttle-signal.js";

const HEAD = `# How a server says that it takes no call now

What the node hears without a \`feedback\` function. A test runs each row with an
error that the client itself made, but for plain texts and FTP. "Run again" holds
for a tool that may run twice (\`readOnly\`, \`idempotent\` or a \`retry\`); no other
tool is ever run again. Where no wait is given the pause is guessed: 100 ms at most,
doubled while nothing gets through.

<!-- Made by test/integration/throttle-signals.test.ts. -->

`;

const FOOT = `
A row that isn't heard but is run again is an error like others, which \`retry\`
decides about. One that is neither is final: a right that is missing, or an account
whose quota is used up (\`insufficient_quota\`, \`billing_hard_limit_reached\` and the
like), which no wait mends.

## Names and codes

A name or a code counts wherever the error or the body of its response has it, with
any status but one that another error outside of it names: \`ThrottlingException\`
and AWS' others, \`TooManyRequests\`, \`RATE_LIMITED\`, \`rate_limit_error\`,
\`RESOURCE_EXHAUSTED\`, in any case and with any punctuation. A bare \`code\` that looks
like a status counts when it is 429, or when a response, headers or the word HTTP
stand beside it.

## Texts

Of an error without status, name or code that means something the first 1,000
characters of its text count where they can mean nothing else than a 429:

- \`HTTP 429\`, \`HTTP/1.1 429\`, \`HTTP error 429\`, \`HTTP status 429\`
- \`status 429\`, \`status code 429\`, \`status: 429\`, \`statusCode=429\`
- \`429\` as a word, and \`Too Many Requests\` in the same text
- a text that begins with \`Too many requests\`, \`Rate limit exceeded\`, \`API rate limit
  exceeded\`, \`You are being rate limited\` or \`max number of clients reached\`, alone or
  before a punctuation mark, perhaps behind a name and a colon

A bare 429 is none: it may count rows or number an order.
`;

/** The page of the docs that lists the signals. */
export function signalPage(signals: readonly ThrottleSignal[]): string {
  const lines = signals.map(({ signal, client, heard, wait, runsAgain }) =>
    [
      `${client}: ${signal}`,
      heard ? "yes" : "no",
      wait?.[0] ?? (heard ? "guessed" : "none"),
      runsAgain ? "yes" : "no",
    ].join(" | "),
  );
  const table = [
    "Signal | Heard | Wait taken from | Run again",
    "--- | --- | --- | ---",
    ...lines,
  ];
  return `${HEAD}${table.map((line) => `| ${line} |\n`).join("")}${FOOT}`;
}
