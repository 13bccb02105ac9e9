import type { StructuredToolInterface } from "@langchain/core/tools";
import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import type { BatchHost } from "../batch/batch-host.js";
import { hostOf } from "../batch/create-batch-host.js";
import { ConfigurationError } from "../errors/configuration-error.js";
import { insideCall } from "../scope/call-scope.js";
import { CalledTool } from "./called-tool.js";
import { CodeBatch } from "./code-batch.js";
import { runningCode } from "./running-code.js";

/**
 * Tools for code that a model writes and another tool runs, such as the interpreter of
 * `@langchain/quickjs`. Their calls are admitted as calls of the model are: by the
 * policies and limits of a node or middleware, and shown in its reports, below the call
 * that runs the code. When that call ends, so do they.
 *
 * Within code, order is the code's own: a call with `access` waits for those before it
 * that share its keys, one with `sequential: true` runs alone, and identical calls of a
 * tool with `dedupe` run once while the first of them runs. `maxCalls` counts the calls
 * of one piece of code. A call is refused, with words that tell the model to call the
 * tool itself, if the tool's `callers` leave out `"code"`, if its policy has `after` or
 * `sequential: "replan"`, if it asks a human, and if it returns a Command.
 *
 * @param tools their names, schemas and results stay what they are
 * @param limits the `ParallelToolNode`, or what `parallelToolsMiddleware` returned, that
 *   also runs the tool in which the code runs
 * @returns the tools in the same order, to be given to whatever runs code
 * @throws ConfigurationError
 * @example
 * ```ts
 * import { createCodeInterpreterMiddleware } from "@langchain/quickjs";
 * import { createAgent, tool } from "langchain";
 * import { callableTools } from "parallel-tools-node/code";
 * import { parallelToolsMiddleware } from "parallel-tools-node/middleware";
 * import { z } from "zod";
 *
 * const search = tool(async ({ query }) => `Results for ${query}`, {
 *   name: "search",
 *   description: "Searches the web.",
 *   schema: z.object({ query: z.string() }),
 * });
 * const limits = parallelToolsMiddleware({
 *   policies: { search: { readOnly: true, concurrency: 4 } },
 * });
 *
 * const agent = createAgent({
 *   model: "openai:gpt-5.4",
 *   tools: [search],
 *   middleware: [
 *     limits,
 *     createCodeInterpreterMiddleware({ ptc: callableTools([search], limits) }),
 *   ],
 * });
 * ```
 */
export function callableTools<Tool extends StructuredToolInterface>(
  tools: readonly Tool[],
  limits: object,
): Tool[] {
  const host = readHost(limits);
  const given = readTools(tools);
  host.policies.add(given);
  host.code.isOn = true;
  host.opensScopes = true;
  return given.map((tool) => callable(tool, host));
}

function callable<Tool extends StructuredToolInterface>(
  tool: Tool,
  host: BatchHost,
): Tool {
  const { callers, sequential } = host.policies.of(tool.name);
  if (sequential === true) host.code.hasSequential = true;
  if (!callers.includes("code")) {
    host.warnings.warn(
      `callers of ${tool.name}`,
      `\`${tool.name}\` is given to \`callableTools\`, and its policy doesn't let code call it. If its calls change nothing, its policy can say so: \`readOnly: true\`; if code may make them all the same: \`callers: ["model", "code"]\`.`,
    );
  }
  const invoke = async (
    input: unknown,
    config?: LangGraphRunnableConfig,
  ): Promise<unknown> => {
    const called = new CalledTool(tool, input, config, insideCall()?.writer);
    const code = runningCode(host);
    if (code !== undefined) return code.call(called);
    const batch = new CodeBatch(host, undefined);
    const result = await batch.run(called);
    await batch.end();
    if ("error" in result) throw result.error;
    return result.value;
  };
  // All other ways to run a tool end in one of these.
  const own = { value: invoke, configurable: true, writable: true };
  return Object.create(tool, { invoke: own, call: own }) as Tool;
}

function readHost(limits: unknown): BatchHost {
  const isObject = typeof limits === "object" && limits !== null;
  const host = isObject ? hostOf(limits) : undefined;
  if (host !== undefined) return host;
  throw new ConfigurationError(
    "limits",
    "a `ParallelToolNode`, or what `parallelToolsMiddleware` has returned",
    limits,
  );
}

function readTools<Tool extends StructuredToolInterface>(
  tools: readonly Tool[],
): readonly Tool[] {
  if (!Array.isArray(tools)) {
    throw new ConfigurationError("tools", "an array of tools", tools);
  }
  const names = new Set<string>();
  tools.forEach((tool: unknown, at) => {
    const { name, invoke } = (tool ?? {}) as Partial<Tool>;
    if (typeof name !== "string" || typeof invoke !== "function") {
      const expected = "a tool, with a name and an `invoke`";
      throw new ConfigurationError(`tools[${at}]`, expected, tool);
    }
    if (names.has(name)) {
      const expected = "a name that no other of the tools has";
      throw new ConfigurationError(`tools[${at}].name`, expected, name);
    }
    names.add(name);
  });
  return tools;
}
