import {
  AccessCycleError,
  CircuitOpenError,
  ServerPausedError,
  PolicyFunctionError,
  referenceInstructions,
  ToolTimeoutError,
  UnresolvedReferenceError,
  withReferences,
} from "parallel-tools-node";
import { LimitsUnavailableError } from "parallel-tools-node/redis";
import { expect, test } from "vitest";
import { couldNotStart } from "@/answers/could-not-start.js";
import {
  deferred,
  outOfTime,
  tooDeep,
  tooManyCalls,
  waitedForAbsent,
  waitedForFailed,
} from "@/answers/not-run.js";
import { refused, stopped } from "@/answers/no-result.js";
import {
  agentToolFailed,
  errorLine,
  problemOf,
  toolFailed,
  unknownTool,
} from "@/answers/tool-failed.js";
import { outputCut, returnedNothing } from "@/answers/tool-output.js";
import { describeDuration, describeWait } from "@/errors/describe-duration.js";
import * as references from "@/answers/unresolved-reference.js";
import { list } from "./support/list.js";

const pay = { ordinal: 1, name: "pay" };
const failure = errorLine("HTTP 429");
const tools = ["find_orders", "cancel_order"].map((name) => ({
  type: "function" as const,
  function: {
    name,
    description: "Does that.",
    parameters: {
      type: "object",
      properties: { id: { type: "number" }, text: { type: "string" } },
    },
  },
}));

function unresolved(
  reference: string,
  { problem, advice }: references.ReferenceProblem,
  valid: readonly string[] = [],
): string {
  return couldNotStart(
    new UnresolvedReferenceError(reference, problem, valid, advice),
  );
}

test("calls that were not run are answered with these texts", () => {
  const text = list({
    "It waited for a call that failed": waitedForFailed(pay),
    "It waited for a call that never came": waitedForAbsent(pay),
    "It comes after a call that may change the plan": deferred(pay),
    "It is beyond the limit of calls": tooManyCalls(51, 50),
    "It is beyond a limit of one": tooManyCalls(2, 1),
    "It is inside of too many calls": tooDeep(3, 2),
    "It is inside of a call, which is not allowed": tooDeep(2, 1),
    "Its batch ran out of time": outOfTime(new ToolTimeoutError(120_000)),
    "A function of its policy failed": couldNotStart(
      new PolicyFunctionError("policies.pay.access", 'threw "no account"'),
    ),
    "It waits in a circle for shared state": couldNotStart(
      new AccessCycleError(),
    ),
    "The circuit of its resource is open": couldNotStart(
      new CircuitOpenError("resource bank", 5, 29_500),
    ),
    "The circuit opened after one failure": couldNotStart(
      new CircuitOpenError("resource bank", 1, 300_000),
    ),
    "Its server wants no calls for long": couldNotStart(
      new ServerPausedError("resource bank", 3_600_000),
    ),
    "The shared limits are unavailable": couldNotStart(
      new LimitsUnavailableError("the connection is closed"),
    ),
    "Its circuit opened before it was run again": couldNotStart(
      new CircuitOpenError("resource bank", 5, 30_000),
      true,
    ),
    "Its limits failed in another way": couldNotStart(new Error("no quota")),
  });
  expect(text).toMatchInlineSnapshot(`
    "It waited for a call that failed
        Not run: this call depends on call 1 (pay), which failed. Deal with that failure first, then make this call again if it is still needed.
    It waited for a call that never came
        Not run: this call depends on call 1 (pay), which was not run. Make this call again in your next message if it is still needed.
    It comes after a call that may change the plan
        Not run: call 1 (pay) comes first, and its result may change what is needed. Look at that result, then make this call again if it is still needed.
    It is beyond the limit of calls
        Not run: at most 50 tool calls are run per message, and this was number 51. Make this call again in your next message if it is still needed.
    It is beyond a limit of one
        Not run: only 1 tool call is run per message, and this was number 2. Make this call again in your next message if it is still needed.
    It is inside of too many calls
        Not run: tool calls are run at most 2 deep, one inside of the other, and this one would be number 3. Make no tool calls here: answer with what you know, and say what is missing, so that whoever called you can go on.
    It is inside of a call, which is not allowed
        Not run: only calls that run inside of no other call are run here, and this one would be number 2. Make no tool calls here: answer with what you know, and say what is missing, so that whoever called you can go on.
    Its batch ran out of time
        Not run: the time for the calls of this message (2 min) was over before this one could start. Make this call again in your next message if it is still needed.
    A function of its policy failed
        Not run: the application could not prepare this call. Go on without it, or make it again with other arguments.
    It waits in a circle for shared state
        Not run: what this call changes or reads is in use by others, and they wait for what you have in use. Don't wait for it: finish without this call and say what is left to do, so that they can go on.
    The circuit of its resource is open
        Not run: the last 5 calls to the service behind this tool failed, so it gets none for now. Make this call again in 30 s at the earliest, and go on with something else until then.
    The circuit opened after one failure
        Not run: the last call to the service behind this tool failed, so it gets none for now. Make this call again in 5 min at the earliest, and go on with something else until then.
    Its server wants no calls for long
        Not run: the service behind this tool takes no calls for now. Make this call again in 60 min at the earliest, and go on with something else until then.
    The shared limits are unavailable
        Not run: the limits of this tool can't be checked for now. Make this call again later, or go on without it.
    Its circuit opened before it was run again
        Error: this call failed, and it was not tried again: the last 5 calls to the service behind this tool failed, so it gets none for now. Make this call again in 30 s at the earliest, and go on with something else until then.
    Its limits failed in another way
        Not run: the limits of this tool can't be checked for now. Make this call again later, or go on without it."
  `);
});

test("references that have no value are answered with these texts", () => {
  const calls = ["$1 (find_orders)", "$2 (find_user)"];
  const text = list({
    "Nearly one": unresolved(
      "$1.items[-1].id",
      references.isNearlyReference("$1.items[0].id"),
    ),
    "To its own call": unresolved("$3", references.pointsToItself(), calls),
    "To its own call, the first": unresolved("$1", references.pointsToItself()),
    "To a later call": unresolved(
      "$4.id",
      references.pointsToLater(4, 3),
      calls,
    ),
    "To no call": unresolved("${9}", references.pointsOutside(9, 4), calls),
    "To a call that has to wait for its own": unresolved(
      "$1",
      references.pointsToDependent(1),
    ),
    "In a message with a call that can't be read": unresolved(
      "$1",
      references.pointsPastUnreadable(),
    ),
    "In a message whose calls were put into another order": unresolved(
      "$1",
      references.pointsIntoUnknownOrder(),
    ),
    "To a call that was taken out of the message": unresolved(
      "$1",
      references.pointsToRemoved(1),
      calls.slice(1),
    ),
    "To a call without an output": unresolved(
      "$1",
      references.findsNoOutput(1),
      calls.slice(1),
    ),
    "To an output that was cut": unresolved("$1", references.findsCutOutput(1)),
    "To an output that is no JSON": unresolved("$1", references.findsNoJson(1)),
    "To a field that is not there": unresolved(
      "$1.ids",
      references.findsNoPart("$1", { id: 7, items: [] }),
      ["$1.id", "$1.items"],
    ),
    "To an item that is not there": unresolved(
      "$1.items[3].id",
      references.findsNoPart("$1.items", [1, 2, 3]),
      ["$1.items[0] to $1.items[2]"],
    ),
    "Into null": unresolved(
      "$1.user.id",
      references.findsNoPart("$1.user", null),
      ["$1.user"],
    ),
    "Into a number": unresolved("$1.id.x", references.findsNoPart("$1.id", 7), [
      "$1.id",
    ]),
    "To too much": unresolved(
      "$1",
      references.standsForTooMuch(1_000_000, 1_200_000),
    ),
    "To data that is too deep": unresolved("$1", references.standsForTooDeep()),
  });
  expect(text).toMatchInlineSnapshot(`
    "Nearly one
        Not run: the reference "$1.items[-1].id" can't be read. The right form is \`$1.items[0].id\`: names and indexes from 0, and nothing beside them. Make this call again with the value itself.
    To its own call
        Not run: the reference "$3" points to its own call. Valid would have been: $1 (find_orders), $2 (find_user). Make this call again with the value itself.
    To its own call, the first
        Not run: the reference "$1" points to its own call. There is nothing that this call could refer to. Make this call again with the value itself.
    To a later call
        Not run: the reference "$4.id" points to call 4, which comes later than call 3. Valid would have been: $1 (find_orders), $2 (find_user). Make this call again with the value itself.
    To no call
        Not run: the reference "\${9}" points to call 9 of a message of 4. Valid would have been: $1 (find_orders), $2 (find_user). Make this call again with the value itself.
    To a call that has to wait for its own
        Not run: the reference "$1" points to call 1, which has to come after this one. Make this call again with the value itself once that one is answered.
    In a message with a call that can't be read
        Not run: the reference "$1" can't be counted: another call of the message could not be read. Make this call again with the value itself.
    In a message whose calls were put into another order
        Not run: the reference "$1" can't be counted: calls of the message may have been put into another order before they were run. Make this call again with the value itself.
    To a call that was taken out of the message
        Not run: the reference "$1" points to call 1, which was taken out of the message and is not run. Valid would have been: $2 (find_user). Make this call again with the value itself.
    To a call without an output
        Not run: the reference "$1" finds nothing: call 1 has no output here. Valid would have been: $2 (find_user). Make this call again with the value itself.
    To an output that was cut
        Not run: the reference "$1" finds no more than a part: the output of call 1 was too large to be kept. Make that call again for less, then this call with the value itself.
    To an output that is no JSON
        Not run: the reference "$1" finds nothing: call 1 gave what JSON can't hold. Make this call again with the value itself.
    To a field that is not there
        Not run: the reference "$1.ids" finds nothing: \`$1\` has no such field. Valid would have been: $1.id, $1.items. Make this call again with the value itself.
    To an item that is not there
        Not run: the reference "$1.items[3].id" finds nothing: \`$1.items\` is a list of 3. Valid would have been: $1.items[0] to $1.items[2]. Make this call again with the value itself.
    Into null
        Not run: the reference "$1.user.id" finds nothing: \`$1.user\` is null. Valid would have been: $1.user. Make this call again with the value itself.
    Into a number
        Not run: the reference "$1.id.x" finds nothing: \`$1.id\` is a number. Valid would have been: $1.id. Make this call again with the value itself.
    To too much
        Not run: the reference "$1" stands for too much: the references of a call may put in 1000000 bytes, and these come to 1200000 or more. Make this call again with only the part that is needed.
    To data that is too deep
        Not run: the reference "$1" stands for data that is nested too deeply. Make this call again with only the part that is needed."
  `);
});

test("calls that were run and have no result are answered with these texts", () => {
  const refusal = { failure, attempts: 1, mayHaveTakenEffect: false };
  const text = list({
    "Its tool threw": toolFailed(problemOf(new Error("no funds"))),
    "Its tool threw a string": toolFailed(problemOf("no funds")),
    "Its tool threw something else": toolFailed(problemOf({ code: 5 })),
    "Its tool threw, in an agent": agentToolFailed("Error: no funds"),
    "There is no such tool": toolFailed(unknownTool("pya")),
    "It took too long, and may be run again": stopped(
      new ToolTimeoutError(1_500, "search"),
      true,
    ),
    "It took too long, and may have taken effect": stopped(
      new ToolTimeoutError(5_000, "pay"),
      false,
    ),
    "Its batch took too long": stopped(new ToolTimeoutError(120_000), false),
    "Its server refused it": refused({
      ...refusal,
      attempts: 10,
      retryAfterMs: 61_000,
    }),
    "Its server refused it, and it may have taken effect": refused({
      ...refusal,
      retryAfterMs: 3_600_000,
      mayHaveTakenEffect: true,
    }),
  });
  expect(text).toMatchInlineSnapshot(`
    "Its tool threw
        Error: no funds
         Please fix your mistakes.
    Its tool threw a string
        Error: no funds
         Please fix your mistakes.
    Its tool threw something else
        Error: the tool threw \`{"code":5}\` (object)
         Please fix your mistakes.
    Its tool threw, in an agent
        Error: no funds
         Please fix your mistakes.
    There is no such tool
        Error: Tool "pya" not found.
         Please fix your mistakes.
    It took too long, and may be run again
        Error: search did not finish within 1.5 s, so this call was stopped and has no result. Ask it for less, make this call again later, or go on without it.
    It took too long, and may have taken effect
        Error: pay did not finish within 5 s, so this call was stopped and has no result. It may have taken effect all the same: find out before you make this call again.
    Its batch took too long
        Error: the calls of this message did not finish within 2 min, so this call was stopped and has no result. It may have taken effect all the same: find out before you make this call again.
    Its server refused it
        Error: HTTP 429
         The server takes no more calls for now (attempts made: 10). Make this call again in 61 s at the earliest, and go on with something else until then.
    Its server refused it, and it may have taken effect
        Error: HTTP 429
         The server takes no more calls for now (attempts made: 1). The call may have taken effect all the same: find out before you make it again, in 60 min at the earliest, and go on with something else until then."
  `);
});

test("results that are not all there come with these texts", () => {
  const text = list({
    "The result is too large": outputCut(900, 1_000),
    "The tool returned nothing": returnedNothing("pay"),
  });
  expect(text).toMatchInlineSnapshot(`
    "The result is too large
        [Cut: 900 of 1000 bytes of this result were left out. Ask for less to see what is missing: a narrower query, fewer items, a smaller range.]
    The tool returned nothing
        pay finished and returned nothing."
  `);
});

test("references are taught to the model with these texts", () => {
  const [widened] = withReferences(tools.slice(0, 1));
  const text = list({
    "In its prompt": referenceInstructions({ tools }),
    "In its prompt, of references within texts": referenceInstructions({
      tools,
      embedded: true,
    }),
    "In the schema of a tool": JSON.stringify(widened, undefined, 1),
  });
  expect(text).toMatchInlineSnapshot(`
    "In its prompt
        ## References between calls
        
        Put a call that needs only an earlier one's data into the same message: in place of a whole value of any type write \`$N\`, the output of the message's call N (from 1), or \`$N.path\`, a part of it, such as \`$1.items[0].id\`. Wait instead where a result may change your plan.
        
        - 1 \`find_orders\`, 2 \`cancel_order {"id":"$1.id"}\`
        - 1 \`find_orders\`, 2 \`cancel_order {"id":"$1[0].id"}\`
    In its prompt, of references within texts
        ## References between calls
        
        Put a call that needs only an earlier one's data into the same message: in place of a whole value of any type write \`$N\`, the output of the message's call N (from 1), or \`$N.path\`, a part of it, such as \`$1.items[0].id\`. Within a longer text: \`Order \${1.id} is ready\`; \`$\${1}\` is a plain \`\${1}\`. Wait instead where a result may change your plan.
        
        - 1 \`find_orders\`, 2 \`cancel_order {"id":"$1.id"}\`
        - 1 \`find_orders\`, 2 \`cancel_order {"id":"$1[0].id"}\`
    In the schema of a tool
        {
         "type": "function",
         "function": {
          "name": "find_orders",
          "description": "Does that.",
          "parameters": {
           "type": "object",
           "properties": {
            "id": {
             "anyOf": [
              {
               "type": "number"
              },
              {
               "type": "string",
               "pattern": "^\\\\$[1-9{]"
              }
             ]
            },
            "text": {
             "type": "string"
            }
           }
          }
         }
        }"
  `);
});

test("durations are short and never less than what they stand for", () => {
  const ms = [
    1, 99.5, 1_000, 1_001, 1_500, 61_000, 119_950, 120_000, 121_000, 150_000,
    7_199_999, 7_200_000, 172_800_000,
  ];
  expect(ms.map(describeDuration)).toEqual([
    "0.001 s",
    "0.1 s",
    "1 s",
    "1.1 s",
    "1.5 s",
    "61 s",
    "120 s",
    "2 min",
    "2.1 min",
    "2.5 min",
    "120 min",
    "2 h",
    "2 d",
  ]);
  expect([0, 1, 1_001, 119_001, 3_600_000].map(describeWait)).toEqual([
    "1 s",
    "1 s",
    "2 s",
    "2 min",
    "60 min",
  ]);
});
