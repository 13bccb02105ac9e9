import { inspect } from "node:util";
import type { HostPackages } from "../host-sets.js";
import type { Check, Exception } from "./check.js";

/** How a check went on a host. */
export interface CheckResult {
  readonly name: string;
  readonly result: "passed" | "failed" | "known difference" | "not applicable";
  /** Why it is a known difference, or not applicable. */
  readonly reason?: string;
  /** With the stack. */
  readonly error?: string;
}

/** A check that takes longer hangs. */
const maxMs = 30_000;

/** Runs one check on the host. Never throws. */
export async function runCheck(
  { name, body, exceptions }: Check,
  host: HostPackages,
): Promise<CheckResult> {
  const exception = exceptions.find((one) => applies(one, host));
  const because = exception && { reason: exception.reason };
  if (exception !== undefined && exception.instead === undefined) {
    return { name, result: "not applicable", ...because };
  }
  try {
    await ended(exception?.instead ?? body);
  } catch (error) {
    return { name, result: "failed", error: inspect(error), ...because };
  }
  const result = exception ? "known difference" : "passed";
  return { name, result, ...because };
}

/** An error that nobody catches is one of the check that runs. */
function ended(body: () => unknown): Promise<void> {
  let onError: (error: unknown) => void = () => {};
  let timer: NodeJS.Timeout | undefined;
  const failure = new Promise<never>((_resolve, reject) => {
    onError = reject;
    timer = setTimeout(
      () => reject(new Error(`The check has not ended in ${maxMs} ms`)),
      maxMs,
    );
  });
  process.on("uncaughtException", onError);
  const run = Promise.resolve().then(body);
  return Promise.race([run, failure])
    .then(() => {})
    .finally(() => {
      clearTimeout(timer);
      process.off("uncaughtException", onError);
    });
}

function applies({ below }: Exception, host: HostPackages): boolean {
  return Object.entries(below).some(([name, version]) =>
    isBelow(host[name as keyof HostPackages], version),
  );
}

function isBelow(version: string, other: string): boolean {
  const [left, right] = [version, other].map((text) =>
    text.split(/[.-]/).map((part) => Number.parseInt(part, 10)),
  ) as [number[], number[]];
  const place = left.findIndex((part, i) => part !== right[i]);
  return place >= 0 && (left[place] ?? 0) < (right[place] ?? 0);
}
