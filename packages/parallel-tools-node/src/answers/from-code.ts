import { notRun } from "./not-run.js";

/** Code that the model wrote has called a tool that the model has to call itself. */
export function onlyDirectly(toolName: string, why: string): string {
  return notRun(
    `\`${toolName}\` can't be called from code: ${why}`,
    callDirectly(toolName),
  );
}

/** Why: nobody has said that code may call it, or a human approves its calls. */
export function isForModelAlone(): string {
  return "its calls may change something or need approval, so each has to be seen before it runs";
}

/** Why: code can't keep the order that its policy asks for. */
export function comesAfter(toolNames: readonly string[]): string {
  const names = toolNames.map((name) => `\`${name}\``).join(", ");
  return `its calls have to come after those of ${names} in a message`;
}

/** Why: the model has to see its result. */
export function changesPlan(): string {
  return "its result may change what is needed next, so it has to be seen first";
}

/** The tool stopped to ask a human, or to hand over to another part of the graph. */
export function stoppedInCode(toolName: string): string {
  return `Error: \`${toolName}\` stopped to ask a human or to hand over, which can't be done from code, so this call has no result. ${callDirectly(toolName)}`;
}

/** The tool has run, and returned a Command. */
export function changesState(toolName: string): string {
  return `Error: \`${toolName}\` has run and gave a change of the agent's state, which can't be made from code and was dropped. ${callDirectly(toolName)}`;
}

/** The code has ended, or was stopped, before this call did. */
export function codeEnded(toolName: string): string {
  return `Error: the code ended before this call of \`${toolName}\` did, so the call was stopped and has no result. Wait for all calls before the code ends.`;
}

/** The code has made more calls than are run. */
export function tooManyFromCode(ordinal: number, maxCalls: number): string {
  const limit =
    maxCalls === 1
      ? "only 1 tool call is run for a piece of code"
      : `at most ${maxCalls} tool calls are run for a piece of code`;
  return notRun(
    `${limit}, and this was number ${ordinal}`,
    "Make fewer calls, or make the others from another piece of code.",
  );
}

/** The model has called a tool that code alone may call. */
export function onlyFromCode(toolName: string): string {
  return notRun(
    `\`${toolName}\` can be called from code alone`,
    "Call it inside of the code that you write for a tool that runs code.",
  );
}

function callDirectly(toolName: string): string {
  return `Call \`${toolName}\` directly, as a tool of its own and not from code.`;
}
