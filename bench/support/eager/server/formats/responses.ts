import {
  piecesOf,
  type ScriptedCall,
  type Turn,
  wordsOf,
} from "../../script.js";
import { type Format, type Frame, textOf } from "./format.js";

interface Body {
  readonly input: readonly {
    readonly type?: string;
    readonly role?: string;
    readonly content?: unknown;
  }[];
}

/** The Responses API of OpenAI. */
export const responses: Format = {
  path: "/v1/responses",
  read(body) {
    const { input } = body as Body;
    const user = input.find(({ role }) => role === "user");
    return {
      prompt: textOf(user?.content),
      outputs: input.filter(({ type }) => type === "function_call_output")
        .length,
    };
  },
  framesOf(turn, id) {
    const response = { ...RESPONSE, id: `resp_${id}` };
    const items = itemsOf(turn, id);
    const output = items.map(({ done }) => done);
    let tokens = 0;
    const frames: Frame[] = [];
    const add = (type: string, more: object) => {
      const data = { type, sequence_number: frames.length, ...more };
      frames.push({ tokens, event: type, data });
    };
    add("response.created", { response: { ...response, output: [] } });
    items.forEach(({ added, deltas, ends, done }, index) => {
      const place = { output_index: index, item_id: done.id };
      const [first, ...rest] = deltas;
      tokens += 1;
      add("response.output_item.added", { ...place, item: added });
      if (first !== undefined) add(first.type, { ...place, ...first });
      for (const delta of rest) {
        tokens += 1;
        add(delta.type, { ...place, ...delta });
      }
      for (const end of ends) add(end.type, { ...place, ...end });
      add("response.output_item.done", { ...place, item: done });
    });
    add("response.completed", {
      response: { ...response, status: "completed", output, usage: USAGE },
    });
    return frames;
  },
};

const RESPONSE = {
  object: "response",
  created_at: 0,
  model: "scripted",
  status: "in_progress",
};
const USAGE = {
  input_tokens: 1,
  output_tokens: 1,
  total_tokens: 2,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens_details: { reasoning_tokens: 0 },
};

interface Event extends Record<string, unknown> {
  readonly type: string;
}

/** A call or a text. Its first delta comes with the token that begins it. */
interface Item {
  readonly added: Record<string, unknown>;
  readonly deltas: readonly Event[];
  readonly ends: readonly Event[];
  readonly done: { readonly id: string } & Record<string, unknown>;
}

function itemsOf(turn: Turn, id: string): Item[] {
  return typeof turn === "string"
    ? [textItem(turn, id)]
    : turn.map((call) => callItem(call));
}

function callItem(call: ScriptedCall): Item {
  const item = {
    type: "function_call",
    id: `fc_${call.id}`,
    call_id: `call_${call.id}`,
    name: call.name,
  };
  const type = "response.function_call_arguments.delta";
  const text = JSON.stringify(call.args);
  return {
    added: { ...item, arguments: "", status: "in_progress" },
    deltas: ["", ...piecesOf(call)].map((delta) => ({ type, delta })),
    ends: [{ type: "response.function_call_arguments.done", arguments: text }],
    done: { ...item, arguments: text, status: "completed" },
  };
}

function textItem(text: string, id: string): Item {
  const item = { type: "message", id: `msg_${id}`, role: "assistant" };
  const part = { type: "output_text", text, annotations: [] };
  const type = "response.output_text.delta";
  const place = { content_index: 0 };
  return {
    added: { ...item, content: [], status: "in_progress" },
    deltas: wordsOf(text).map((delta) => ({ type, ...place, delta })),
    ends: [{ type: "response.output_text.done", ...place, text }],
    done: { ...item, content: [part], status: "completed" },
  };
}
