/**
 * The host's secret: by what a tool asks a human, and by what a graph inside of a tool
 * goes on where it stopped. A call that code makes has neither: nobody would know which
 * call of the code an answer belongs to.
 *
 * Read in LangGraph 1.7.0, 1.7.3 (`interrupt`, `pregel/loop`, `_scratchpad` in
 * `pregel/algo`).
 */
import { GraphInterrupt } from "@langchain/langgraph";
import {
  CHECKPOINTER,
  type Configurable,
  SCRATCHPAD,
  type Scratchpad,
} from "./task.js";

const RESUMING = "__pregel_resuming";
const RESUME_MAP = "__pregel_resume_map";

/** The configurable of a task, without what asks a human and what reads the answers. */
export function withoutQuestions(configurable: Configurable): Configurable {
  const {
    [CHECKPOINTER]: _checkpointer,
    [RESUMING]: _resuming,
    [RESUME_MAP]: _answers,
    ...rest
  } = configurable;
  const task = configurable[SCRATCHPAD] as Scratchpad | undefined;
  if (task === undefined) return rest;
  const own: Scratchpad = {
    ...task,
    interruptCounter: -1,
    resume: [],
    nullResume: undefined,
    consumeNullResume: () => undefined,
    subgraphCounter: 0,
  };
  return { ...rest, [SCRATCHPAD]: own };
}

/** A question that had no checkpointer, as one that could be asked: it stops its call. */
export function asQuestion(error: unknown): unknown {
  const code = (error as { lc_error_code?: unknown } | null | undefined)
    ?.lc_error_code;
  return code === "MISSING_CHECKPOINTER" ? new GraphInterrupt([]) : error;
}
