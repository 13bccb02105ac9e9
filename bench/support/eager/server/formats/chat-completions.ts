import { piecesOf, type Turn, wordsOf } from "../../script.js";
import { type Format, type Frame, textOf } from "./format.js";

interface Body {
  readonly messages: readonly {
    readonly role: string;
    readonly content: unknown;
  }[];
}

/** Chat completions of OpenAI. */
export const chatCompletions: Format = {
  path: "/v1/chat/completions",
  read(body) {
    const { messages } = body as Body;
    const user = messages.find(({ role }) => role === "user");
    return {
      prompt: textOf(user?.content),
      outputs: messages.filter(({ role }) => role === "tool").length,
    };
  },
  framesOf(turn, id) {
    const frame = frameWith(id);
    const frames = [frame(0, { role: "assistant", content: "" })];
    let tokens = 0;
    for (const delta of deltasOf(turn)) {
      tokens += 1;
      frames.push(frame(tokens, delta));
    }
    const reason = typeof turn === "string" ? "stop" : "tool_calls";
    frames.push(frame(tokens, {}, reason), { tokens, data: "[DONE]" });
    return frames;
  },
};

function deltasOf(turn: Turn): object[] {
  if (typeof turn === "string") {
    return wordsOf(turn).map((content) => ({ content }));
  }
  return turn.flatMap((call, index) => [
    {
      tool_calls: [
        {
          index,
          id: `call_${call.id}`,
          type: "function",
          function: { name: call.name, arguments: "" },
        },
      ],
    },
    ...piecesOf(call).map((piece) => ({
      tool_calls: [{ index, function: { arguments: piece } }],
    })),
  ]);
}

const frameWith =
  (id: string) =>
  (
    tokens: number,
    delta: object,
    finishReason: string | null = null,
  ): Frame => ({
    tokens,
    data: {
      id: `chatcmpl-${id}`,
      object: "chat.completion.chunk",
      created: 0,
      model: "scripted",
      choices: [{ index: 0, delta, finish_reason: finishReason }],
    },
  });
