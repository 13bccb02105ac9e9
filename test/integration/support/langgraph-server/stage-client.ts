import process from "node:process";

/** Of the RemoteStage. */
const url = process.env["STAGE_URL"] ?? "";

export interface StageCall {
  readonly thread: string;
  readonly call: string;
}

/** Adds a line to the log of a thread: `"a start"`. */
export function tellStage(call: StageCall, what: string): Promise<void> {
  return post("/tell", { ...call, what });
}

/** Resolves when the test says that the call may end. */
export function untilFinished(
  call: StageCall,
  signal: AbortSignal | undefined,
): Promise<void> {
  return post("/wait", call, signal);
}

async function post(path: string, body: object, signal?: AbortSignal) {
  const response = await fetch(`${url}${path}`, {
    method: "POST",
    body: JSON.stringify(body),
    ...(signal && { signal }),
  });
  await response.text();
}
