import { ToolMessage } from "@langchain/core/messages";
import type { ToolCall } from "@langchain/core/messages/tool";
import { isGraphInterrupt } from "@langchain/langgraph";
import {
  type createAgent,
  createMiddleware,
  humanInTheLoopMiddleware,
} from "langchain";
import { substituteText } from "../texts.js";
import { turnOf, type World } from "../world.js";
import type { Stage } from "./stage.js";
import type { Place as ToolPlace } from "./tool-calls.js";

export type Middleware = NonNullable<
  Parameters<typeof createAgent>[0]["middleware"]
>[number];

/** The middleware of others that stands at a place, from the first to the last. */
export function othersAt(
  place: "front" | "behind",
  world: World,
  stage: Stage,
): Middleware[] {
  const { host } = world;
  const delays = place === "front" ? host.delaysInFront : host.delaysBehind;
  return [
    ...(host.reviews === place ? [reviewing(world)] : []),
    ...(delays ? [delaying(place, stage)] : []),
    ...(host.retries === place ? [retrying()] : []),
    ...(host.answers === place ? [answering(place, world)] : []),
  ];
}

/** Passes a call on when it likes, so that calls come in another order. */
function delaying(name: string, stage: Stage): Middleware {
  return createMiddleware({
    name: `delays ${name}`,
    async wrapToolCall(request, handler) {
      const { turn, number } = placeOf(request.toolCall);
      await stage.delay(name, turn, number);
      return handler(request);
    },
  });
}

/** Runs a call once more when it fails, as LangChain's `toolRetryMiddleware`. */
function retrying(): Middleware {
  return createMiddleware({
    name: "retries",
    async wrapToolCall(request, handler) {
      try {
        return await handler(request);
      } catch (error) {
        if (isGraphInterrupt(error)) throw error;
        return handler(request);
      }
    },
  });
}

/** Answers the calls that were drawn for it. */
function answering(by: string, world: World): Middleware {
  return createMiddleware({
    name: "answers",
    wrapToolCall(request, handler) {
      const { id, name } = request.toolCall;
      const { turn, number } = placeOf(request.toolCall);
      if (world.turns[turn]?.calls[number]?.isAnswered !== true) {
        return handler(request);
      }
      return new ToolMessage({
        content: substituteText(turnOf(world, turn), number, by),
        name,
        tool_call_id: id as string,
        status: "success",
      });
    },
  });
}

/** Asks a human about the calls of some tools, before any is run. */
function reviewing({ tools }: World): Middleware {
  const interruptOn = Object.fromEntries(
    tools.map(({ name, isReviewed }) => [name, isReviewed]),
  );
  return humanInTheLoopMiddleware({ interruptOn } as never) as never;
}

function placeOf({ args }: Pick<ToolCall, "args">): ToolPlace {
  return args as ToolPlace;
}
