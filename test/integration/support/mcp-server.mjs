// An MCP server on stdio. It counts the calls that it has served, by tool.
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { z } from "zod";

const served = { look_up: 0, bump: 0 };
const server = new McpServer({ name: "counter", version: "1.0.0" });

function text(value) {
  return { content: [{ type: "text", text: value }] };
}

server.registerTool(
  "look_up",
  {
    description: "Looks a word up.",
    inputSchema: { word: z.string() },
    annotations: { readOnlyHint: true, idempotentHint: true },
  },
  ({ word }) => {
    served.look_up += 1;
    return text(`${word}: a word`);
  },
);

server.registerTool(
  "bump",
  { description: "Counts.", inputSchema: { word: z.string() } },
  ({ word }) => {
    served.bump += 1;
    return text(`${word} ${served.bump}`);
  },
);

server.registerTool(
  "refuse",
  {
    description: "Never works.",
    inputSchema: {},
    annotations: { readOnlyHint: true },
  },
  () => ({ ...text("refused"), isError: true }),
);

server.registerTool(
  "show",
  {
    description: "Shows a word as text and as a picture.",
    inputSchema: { word: z.string() },
    annotations: { readOnlyHint: true },
  },
  ({ word }) => ({
    content: [
      { type: "text", text: word },
      { type: "image", data: "iVBORw0KGgo=", mimeType: "image/png" },
      { type: "text", text: `that was ${word}` },
    ],
  }),
);

server.registerTool(
  "measure",
  {
    description: "Measures a word.",
    inputSchema: { word: z.string() },
    outputSchema: { length: z.number() },
    annotations: { idempotentHint: true },
  },
  ({ word }) => {
    const structuredContent = { length: word.length };
    return { ...text(JSON.stringify(structuredContent)), structuredContent };
  },
);

server.registerTool(
  "crash",
  { description: "Throws.", inputSchema: {} },
  () => {
    throw new Error("the server broke");
  },
);

server.registerTool(
  "served",
  { description: "How often each tool was called." },
  () => text(JSON.stringify(served)),
);

await server.connect(new StdioServerTransport());
