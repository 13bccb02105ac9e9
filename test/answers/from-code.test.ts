import { expect, test } from "vitest";
import * as fromCode from "@/answers/from-code.js";
import { list } from "./support/list.js";

test("calls that code makes are answered with these texts", () => {
  const text = list({
    "Its tool is for the model alone": fromCode.onlyDirectly(
      "pay",
      fromCode.isForModelAlone(),
    ),
    "Its tool has to come after others": fromCode.onlyDirectly(
      "pay",
      fromCode.comesAfter(["login", "find"]),
    ),
    "Its result may change the plan": fromCode.onlyDirectly(
      "pay",
      fromCode.changesPlan(),
    ),
    "Its tool has asked a human": fromCode.stoppedInCode("pay"),
    "Its tool has returned a Command": fromCode.changesState("pay"),
    "The code has ended": fromCode.codeEnded("pay"),
    "The code has made too many": fromCode.tooManyFromCode(51, 50),
    "The code has made two": fromCode.tooManyFromCode(2, 1),
    "The model calls what is for code": fromCode.onlyFromCode("pay"),
  });
  expect(text).toMatchInlineSnapshot(`
    "Its tool is for the model alone
        Not run: \`pay\` can't be called from code: its calls may change something or need approval, so each has to be seen before it runs. Call \`pay\` directly, as a tool of its own and not from code.
    Its tool has to come after others
        Not run: \`pay\` can't be called from code: its calls have to come after those of \`login\`, \`find\` in a message. Call \`pay\` directly, as a tool of its own and not from code.
    Its result may change the plan
        Not run: \`pay\` can't be called from code: its result may change what is needed next, so it has to be seen first. Call \`pay\` directly, as a tool of its own and not from code.
    Its tool has asked a human
        Error: \`pay\` stopped to ask a human or to hand over, which can't be done from code, so this call has no result. Call \`pay\` directly, as a tool of its own and not from code.
    Its tool has returned a Command
        Error: \`pay\` has run and gave a change of the agent's state, which can't be made from code and was dropped. Call \`pay\` directly, as a tool of its own and not from code.
    The code has ended
        Error: the code ended before this call of \`pay\` did, so the call was stopped and has no result. Wait for all calls before the code ends.
    The code has made too many
        Not run: at most 50 tool calls are run for a piece of code, and this was number 51. Make fewer calls, or make the others from another piece of code.
    The code has made two
        Not run: only 1 tool call is run for a piece of code, and this was number 2. Make fewer calls, or make the others from another piece of code.
    The model calls what is for code
        Not run: \`pay\` can be called from code alone. Call it inside of the code that you write for a tool that runs code."
  `);
});
