import { ConfigurationError } from "parallel-tools-node";
import { expect } from "vitest";

/** The message of the ConfigurationError that `build` has to throw. */
export function configurationProblem(build: () => unknown): string {
  let problem: unknown;
  try {
    build();
  } catch (error) {
    problem = error;
  }
  return messageOf(problem);
}

/** The message of the ConfigurationError with which `run` has to end. */
export async function configurationRejection(
  run: Promise<unknown>,
): Promise<string> {
  return messageOf(await thrownBy(run));
}

/** What `run` ends with. `undefined`: it ends well. */
export function thrownBy(run: Promise<unknown>): Promise<unknown> {
  return run.then(
    () => undefined,
    (error: unknown) => error,
  );
}

function messageOf(problem: unknown): string {
  expect(problem).toBeInstanceOf(ConfigurationError);
  return (problem as ConfigurationError).message;
}
