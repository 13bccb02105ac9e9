import { describe, expect, test } from "vitest";
import { system, model, turn, turns, user } from "./support/conversation.js";
import { needsIn } from "./support/needs-in.js";

const options = { reads: ["list", "get", "search", "sum"] };
const needs = (...messages: readonly unknown[][]) =>
  needsIn(messages.flat(), options);

describe("a call needs the one whose output first showed", () => {
  test.each([
    ["an id", { id: "A7-9931" }, { id: "A7-9931" }],
    ["an id within a text", { id: "ZX81QQ" }, "It is order ZX81QQ, shipped."],
    [
      "an id within a URL",
      { id: "ab12cd34" },
      "https://x.example/u/ab12cd34/me",
    ],
    ["an id in other letters", { id: "zx81qq" }, { id: "ZX81QQ" }],
    [
      "a name of a field",
      { key: "credit_card_4421" },
      { credit_card_4421: {} },
    ],
    ["a number", { amount: 1234.5 }, { total: 1234.5 }],
    ["a number with separators", { amount: 1234.5 }, "The total is $1,234.50."],
    ["a number before a comma", { amount: 10000 }, "It is $10,000, all in all"],
    ["a number as text", { amount: "1234.5" }, { total: 1234.5 }],
    ["a short number", { amount: 174 }, { total: 174.0 }],
    ["a number in a list", { amount: 721 }, [720, 721, 722]],
    ["a number in a list with spaces", { amount: 721 }, "[720, 721, 722]"],
    ["a number in a formula", { formula: "408 - 7" }, "408.0"],
    ["a debit of what was a credit", { amount: -5120 }, { total: 5120 }],
    ["a day", { day: "2031-04-05" }, "You are due on April 5, 2031."],
    ["a day as it is written elsewhere", { day: "5 April 2031" }, "2031-04-05"],
    [
      "a day in numbers",
      { day: "2031-04-25" },
      "It is due on 4/25/2031, at noon",
    ],
    ["a day in numbers before its month", { day: "2031-04-25" }, "25.04.31"],
    ["numbers that are no day", { version: "45/61/2031" }, "Use 45/61/2031"],
    ["a time of day", { at: "15:30" }, "It opens at 3:30 pm"],
    ["a path", { path: "src/main.ts" }, "src/main.ts\nsrc/other.ts"],
    [
      "a path that is put together",
      { path: "src/main.ts" },
      "main.ts other.ts",
    ],
    ["a name in a text", { text: "age of Emmanuel Macron" }, "Emmanuel Macron"],
    ["a word", { cabin: "premium" }, { cabin: "premium" }],
    ["an escape of JSON", { name: "Müller" }, '{"name":"M\\u00fcller"}'],
    ["a small id by its field", { user_id: 7 }, [{ id: 7 }, { id: 8 }]],
    ["a small id in a list", { user_id: 7 }, { user_ids: [5, 7] }],
    ["a small id in a text", { user_id: 7 }, "Found user 7 and user 12."],
    ["an id of two digits by its field", { user_id: 42 }, [{ id: 42 }]],
    ["a small number that an output is", { allowance: 7 }, "7"],
    ["a small number of which an output tells", { allowance: 7 }, { gcd: 7 }],
    ["a flag by its field", { insured: true }, { insured: true }],
  ])("%s", (_, args, output) => {
    expect(
      needs(
        user("Please src 42"),
        turns(["list", {}, output], ["get", args, ""]),
      ),
    ).toEqual([[], ["0 output"]]);
  });

  test("each of its values, whatever came between", () => {
    expect(
      needs(
        user("Compare"),
        turns(
          ["list", { of: "users" }, { id: "U-4471" }],
          ["list", { of: "orders" }, { id: "O-9912" }],
          ["get", { user: "U-4471", order: "O-9912" }, ""],
        ),
      ).at(-1),
    ).toEqual(["0 output", "1 output"]);
  });

  test("its value, and not those that showed it later", () => {
    expect(
      needs(
        user("Look"),
        turns(
          ["list", { of: "users" }, { id: "U-4471" }],
          ["get", { id: "U-4471" }, { id: "U-4471", name: "Ada" }],
          ["search", { id: "U-4471" }, ""],
        ),
      ),
    ).toEqual([[], ["0 output"], ["0 output"]]);
  });

  test("a short number, and all others that showed it, since any of them may be meant", () => {
    expect(
      needs(
        user("Add up"),
        turns(
          ["get", { name: "alpha" }, { price: 250 }],
          ["get", { name: "alpha beta" }, { price: 250 }],
          ["sum", { of: "250 + 250" }, "500"],
        ),
      ).at(-1),
    ).toEqual(["0 output", "1 output"]);
  });
});

describe("a call needs nothing", () => {
  const independent = (said: unknown[], args: object, output: unknown) => {
    expect(needs(said, turns(["list", {}, output], ["get", args, ""]))).toEqual(
      [[], []],
    );
  };

  test.each([
    ["an id that the user named", "Order ZX81QQ please", { id: "ZX81QQ" }],
    ["a day that the user named", "On May 20th", { day: "2031-05-20" }],
    ["the last day of a span", "May 20 to 24", { day: "2031-05-24" }],
    ["a word that the user said", "a premium seat", { cabin: "premium" }],
    ["words that were joined", "a round trip", { kind: "round_trip" }],
    ["a number that the user said", "at most 250 dollars", { most: 250 }],
    ["a plural", "all flights", { kind: "flight" }],
    ["a number with its unit", "I weigh 70kg", { weight: 70 }],
    ["a number under a name with a digit", "3000 and 4000", { num1: 3000 }],
  ])("for %s, though an output holds it too", (_, said, args) => {
    independent(user(said), args, args);
  });

  test("for an id that the model put together of what the user said", () => {
    independent(user("My card 7334"), { id: "card_7334" }, "a card");
  });

  test("for a flag, whatever it is called", () => {
    independent(user("Go"), { include_numbers: true }, "something else");
  });

  test("for what the system prompt says", () => {
    independent(
      [...system("Always use region eu-west-3"), ...user("Go")],
      {
        region: "eu-west-3",
      },
      { region: "eu-west-3" },
    );
  });

  test("for what the model said before it saw anything", () => {
    expect(
      needs(
        user("Find flights to the coast"),
        model("I will look at LAX and SFO."),
        turns(
          ["get", { to: "LAX" }, { to: "LAX" }],
          ["get", { to: "SFO" }, { to: "SFO" }],
        ),
      ),
    ).toEqual([[], []]);
  });

  test("for what it asked for in the first turn", () => {
    expect(
      needs(
        user("Find flights"),
        turn(
          ["get", { from: "JFK", to: "LAX" }, ""],
          ["get", { to: "SFO" }, ""],
        ),
        turns(["get", { from: "SFO", to: "JFK" }, ""]),
      ),
    ).toEqual([[], [], []]);
  });

  test("for what an earlier stretch showed", () => {
    expect(
      needs(
        user("Who am I?"),
        turns(["list", {}, { ids: ["ZX81QQ", "ZX81RR"] }]),
        user("Show me all"),
        turns(
          ["get", { id: "ZX81QQ" }, { id: "ZX81QQ" }],
          ["get", { id: "ZX81RR" }, { id: "ZX81RR" }],
        ),
      ),
    ).toEqual([[], []]);
  });

  test("for pages, counts and flags that only happen to stand in an output", () => {
    expect(
      needs(
        user("All of them"),
        turns(
          [
            "list",
            { page: 1, limit: 5, all: true },
            { hits: 2, done: true, ms: 3 },
          ],
          ["list", { page: 2, limit: 5, all: true }, { hits: 5 }],
        ),
      ),
    ).toEqual([[], []]);
  });

  test("for a free text that puts in other words what the user asked", () => {
    expect(
      needs(
        user("Compare the population of Oslo and the population of Rome"),
        turns(
          ["search", { query: "Oslo population" }, "About 700,000 people"],
          ["search", { query: "current population of Rome" }, "Many"],
        ),
      ),
    ).toEqual([[], []]);
  });
});

describe("all that came before may be the reason for", () => {
  test.each([
    ["a sum", { amount: 1441 }],
    ["a sum that is short", { amount: 91 }],
    ["a name", { name: "Beaumont" }],
    ["a word", { level: "critical" }],
    ["a day", { day: "2031-04-05" }],
    ["a small id", { user_id: 3 }],
    ["an id of parts too short to tell", { id: "user-42" }],
    ["a name within a text", { query: "how does it go on for Macron" }],
    ["a text of other words", { query: "weather forecast tomorrow Bergen" }],
  ])("%s", (_, args) => {
    expect(
      needs(
        user("Go on with user 9"),
        turns(
          ["list", { of: "users" }, "one 720 and another 721, and 42"],
          ["list", { of: "go" }, "nothing else"],
          ["get", args, ""],
        ),
      ).at(-1),
    ).toEqual(["0 unexplained", "1 unexplained"]);
  });

  test("a word of the system prompt", () => {
    expect(
      needs(
        system("Customers are regular or gold, from 400 points on."),
        user("What may I have?"),
        turns(["list", {}, "500 points"], ["get", { level: "gold" }, ""]),
      ),
    ).toEqual([[], ["0 unexplained"]]);
  });

  test("a value that was written a turn before", () => {
    expect(
      needs(
        user("Go"),
        turns(
          ["list", { of: "go" }, "720 and 721"],
          ["get", { amount: 1441 }, "ok"],
          ["search", { amount: 1441 }, ""],
        ),
      ),
    ).toEqual([[], ["0 unexplained"], ["0 unexplained"]]);
  });

  test("no value where nothing came before", () => {
    expect(needs(user("Go"), turns(["get", { amount: 1441 }, ""]))).toEqual([
      [],
    ]);
  });
});

describe("a call also needs", () => {
  test("the same call before it: whoever asks again waits for a change", () => {
    expect(
      needs(
        user("Is job J-771 done?"),
        turns(
          ["get", { id: "J-771", full: true }, "running"],
          ["get", { full: true, id: "J-771" }, "done"],
        ),
      ),
    ).toEqual([[], ["0 repeat"]]);
  });

  test.each([
    ["more words", "Oslo population", "Oslo population in official statistics"],
    ["fewer words", "Oslo population statistics", "population of Oslo"],
    ["other words", "Oslo population", "Oslo population census"],
  ])("the same question before it in %s", (_, first, second) => {
    expect(
      needs(
        user("Compare the population of Oslo and of Rome"),
        turns(
          ["search", { query: first }, "not much"],
          ["search", { query: second }, "more"],
          ["search", { query: "Rome population" }, "much"],
        ),
      ),
    ).toEqual([[], ["0 repeat"], []]);
  });

  test("the call of its tool that failed just before", () => {
    expect(
      needs(
        user("Find Ada or Bob or Eve"),
        turns(
          ["search", { name: "Ada" }, "Error: no such field"],
          ["search", { name: "Bob" }, "[]"],
          ["search", { name: "Eve" }, "[]"],
        ),
      ),
    ).toEqual([[], ["0 failure"], []]);
  });

  test("the call that was not run before, as its answer says", () => {
    const answer =
      "Not run: at most 1 tool call is run per message, and this was number 2.";
    expect(
      needs(
        user("Find Ada or Bob"),
        turns(
          ["search", { name: "Ada" }, answer],
          ["search", { name: "Bob" }, "[]"],
        ),
      ),
    ).toEqual([[], ["0 failure"]]);
  });

  test("the call that failed before, though others of its tool were asked for with it", () => {
    expect(
      needs(
        user("Find Ada, Bob and Eve"),
        turn(
          ["search", { name: "Ada" }, "Error: no such field"],
          ["search", { name: "Bob" }, "[]"],
        ),
        turns(["search", { name: "Eve" }, "[]"]),
      ),
    ).toEqual([[], [], ["0 failure"]]);
  });
});

test("the user's word ends a stretch: what follows could not have come sooner", () => {
  const messages = [
    user("Show ZX81QQ and ZX81RR"),
    turns(["get", { id: "ZX81QQ" }, ""]),
    model("Shall I go on?"),
    user("Yes"),
    turns(["get", { id: "ZX81RR" }, ""]),
  ];
  expect(needs(...messages)).toEqual([[]]);
});
