import { piecesOf, type Turn, wordsOf } from "../../script.js";
import { type Format, type Frame, textOf } from "./format.js";

interface Body {
  readonly messages: readonly {
    readonly role: string;
    readonly content: string | readonly { readonly type: string }[];
  }[];
}

/** The Messages API of Anthropic. */
export const messages: Format = {
  path: "/v1/messages",
  read(body) {
    const all = (body as Body).messages;
    const user = all.find(({ role }) => role === "user");
    const blocks = all.flatMap(({ content }) =>
      typeof content === "string" ? [] : content,
    );
    return {
      prompt: textOf(user?.content),
      outputs: blocks.filter(({ type }) => type === "tool_result").length,
    };
  },
  framesOf(turn, id) {
    let tokens = 0;
    const frames: Frame[] = [];
    const add = (type: string, more: object = {}) => {
      frames.push({ tokens, event: type, data: { type, ...more } });
    };
    add("message_start", { message: { ...MESSAGE, id: `msg_${id}` } });
    blocksOf(turn).forEach(({ content_block, deltas }, index) => {
      const [first, ...rest] = deltas;
      tokens += 1;
      add("content_block_start", { index, content_block });
      add("content_block_delta", { index, delta: first });
      for (const delta of rest) {
        tokens += 1;
        add("content_block_delta", { index, delta });
      }
      add("content_block_stop", { index });
    });
    const reason = typeof turn === "string" ? "end_turn" : "tool_use";
    add("message_delta", {
      delta: { stop_reason: reason, stop_sequence: null },
      usage: { output_tokens: tokens },
    });
    add("message_stop");
    return frames;
  },
};

const MESSAGE = {
  type: "message",
  role: "assistant",
  model: "scripted",
  content: [],
  stop_reason: null,
  stop_sequence: null,
  usage: { input_tokens: 1, output_tokens: 1 },
};

/** A call or a text. Its first delta comes with the token that begins it. */
interface Block {
  readonly content_block: object;
  readonly deltas: readonly object[];
}

function blocksOf(turn: Turn): Block[] {
  if (typeof turn === "string") {
    return [
      {
        content_block: { type: "text", text: "" },
        deltas: wordsOf(turn).map((text) => ({ type: "text_delta", text })),
      },
    ];
  }
  return turn.map((call) => ({
    content_block: {
      type: "tool_use",
      id: `toolu_${call.id}`,
      name: call.name,
      input: {},
    },
    deltas: ["", ...piecesOf(call)].map((partial_json) => ({
      type: "input_json_delta",
      partial_json,
    })),
  }));
}
