import { ToolMessage } from "@langchain/core/messages";
import { RunnableLambda } from "@langchain/core/runnables";
import { StructuredTool, tool } from "@langchain/core/tools";
import {
  Command,
  GraphDrained,
  GraphInterrupt,
  interrupt,
  NodeInterrupt,
  Send,
} from "@langchain/langgraph";
import type { ToolNode } from "@langchain/langgraph/prebuilt";
import { z } from "zod";

/** An error that is not one of the language's own. */
class CustomError extends Error {
  override readonly name = "CustomError";
  readonly code = 42;
}

/** What one call does. */
export type Action =
  | { readonly do: "return"; readonly value: unknown }
  | { readonly do: "blocks"; readonly text: string }
  | {
      readonly do: "message";
      readonly status: "success" | "error" | undefined;
      readonly id: string;
    }
  | {
      readonly do: "command";
      readonly kind: "node" | "update" | "parentSends" | "parentNode";
      readonly sends: number;
    }
  | { readonly do: "throw"; readonly what: ThrownKind };

export const THROWN = [
  "error",
  "custom",
  "like-error",
  "interrupt",
  "node-interrupt",
  "drained",
  "ask",
  "string",
  "undefined",
] as const;
export type ThrownKind = (typeof THROWN)[number];

export interface Step {
  readonly action: Action;
  readonly microtasks: number;
  readonly macrotasks: number;
}

/** The kinds of tools that a ToolNode takes, by name. */
export const TOOL_NAMES = [
  "zod",
  "json",
  "text",
  "artifact",
  "runnable",
  "class",
] as const;
export type ToolName = (typeof TOOL_NAMES)[number];

/** Arguments with which a tool takes step `step`. */
export function argsFor(name: ToolName, step: number) {
  return name === "text" ? { input: String(step) } : { step };
}

const schema = z.object({ step: z.int() });
const jsonSchema = {
  type: "object",
  properties: { step: { type: "integer" } },
  required: ["step"],
} as const;

/** One tool of each kind; what a call does is the step that its arguments name. */
export function scriptedTools(steps: readonly Step[]): ToolNode["tools"] {
  const take = (step: number, id?: string) => perform(steps[step], id);
  const described = (name: ToolName) => ({ name, description: name });
  return [
    tool(({ step }: { step: number }) => take(step), {
      ...described("zod"),
      schema,
    }),
    tool((args) => take((args as { step: number }).step), {
      ...described("json"),
      schema: jsonSchema,
    }),
    tool((text: string) => take(Number(text)), {
      ...described("text"),
      schema: z.string(),
    }),
    tool(
      async ({ step }: { step: number }) => {
        const content = await take(step);
        // Not a pair: core refuses it.
        return content === "lonely" ? content : [content, { step }];
      },
      {
        ...described("artifact"),
        schema,
        responseFormat: "content_and_artifact",
      },
    ),
    RunnableLambda.from(({ step }: { step: number }) => take(step)).asTool({
      ...described("runnable"),
      schema,
    }),
    new ClassTool(take),
  ];
}

class ClassTool extends StructuredTool {
  readonly name = "class";
  readonly description = "class";
  readonly schema = schema;
  readonly #take: (step: number) => Promise<unknown>;

  constructor(take: (step: number) => Promise<unknown>) {
    super({ verboseParsingErrors: true });
    this.#take = take;
  }

  protected override _call({ step }: { step: number }): Promise<never> {
    return this.#take(step) as Promise<never>;
  }
}

async function perform(step: Step | undefined, id = "own"): Promise<unknown> {
  if (step === undefined) throw new RangeError("no such step");
  for (let i = 0; i < step.microtasks; i += 1) await Promise.resolve();
  for (let i = 0; i < step.macrotasks; i += 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  return act(step.action, id);
}

/** Each time a value of its own: the stock node changes Commands in place. */
function act(action: Action, id: string): unknown {
  switch (action.do) {
    case "return":
      return action.value;
    case "blocks":
      return [{ type: "text", text: action.text }];
    case "message":
      return new ToolMessage({
        content: "as the tool wrote it",
        tool_call_id: action.id === "" ? id : action.id,
        artifact: { from: "tool" },
        ...(action.status !== undefined && { status: action.status }),
      });
    case "command":
      return commandOf(action.kind, action.sends);
    case "throw":
      return raise(action.what);
    default:
      throw new RangeError("no such action");
  }
}

function commandOf(kind: string, count: number): Command {
  if (kind === "node") return new Command({ goto: "next" });
  if (kind === "update") {
    const message = new ToolMessage({ content: "updated", tool_call_id: "u" });
    return new Command({ update: { messages: [message] } });
  }
  if (kind === "parentNode") {
    return new Command({ graph: Command.PARENT, goto: "elsewhere" });
  }
  const sends = Array.from(
    { length: count },
    () => new Send("elsewhere", { messages: [] }),
  );
  return new Command({ graph: Command.PARENT, goto: sends });
}

function raise(what: ThrownKind): unknown {
  switch (what) {
    case "error":
      throw new Error("it broke");
    case "custom":
      throw new CustomError("it broke in its own way");
    case "like-error":
      // oxlint-disable-next-line no-throw-literal -- some libraries do
      throw { message: "looks like an error" };
    case "interrupt":
      throw new GraphInterrupt([{ value: "sure?" }]);
    case "node-interrupt":
      throw new NodeInterrupt("really?");
    case "drained":
      throw new GraphDrained("going down");
    case "ask":
      return `answered ${String(interrupt("what now?"))}`;
    case "string":
      // oxlint-disable-next-line no-throw-literal -- some libraries do
      throw "a string";
    case "undefined":
      // oxlint-disable-next-line no-throw-literal -- `reject()` does
      throw undefined;
    default:
      throw new RangeError("nothing of the kind");
  }
}
