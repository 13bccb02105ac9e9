import { createReadStream, readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { type Diagnosis, diagnoseStream } from "parallel-tools-node/diagnose";
import { AIRLINE_READS } from "../../bench/support/diagnose/airline-tools.js";
import {
  type CallPair,
  drawSample,
  pairsOf,
} from "../../bench/support/diagnose/draw-sample.js";
import { isReported } from "../../bench/support/diagnose/is-reported.js";
import { airlineFile, hasCorpus, readAirline } from "./support/corpus.js";

/** Calls per turn that a person found possible when reading the conversations. */
const FOUND: [conversation: number, message: number, couldBe: number[]][] = [
  // All entries of a profile, one by one.
  [2, 4, [1, 3]],
  [20, 4, [1, 5]],
  [45, 4, [1, 5]],
  [70, 4, [1, 5]],
  [39, 4, [1, 7, 1, 1, 1, 1, 1, 1]],
  [17, 14, [1, 4, 1, 1, 1, 1]],
  // Everything that the user named.
  [13, 4, [2, 1]],
  [17, 4, [2, 1]],
  [34, 4, [2]],
  [63, 6, [2, 1]],
  [67, 4, [2, 1]],
  [88, 6, [2, 1]],
  [92, 4, [2, 1]],
  [93, 6, [2]],
  // There and back, or leg by leg.
  [37, 8, [2]],
  [55, 10, [2]],
  [78, 12, [2, 1]],
  [82, 10, [2, 1]],
  [63, 18, [1, 2, 1]],
  [76, 14, [6, 1]],
  // Calls between them count as writers, so they keep their place.
  [7, 10, [2, 1, 2]],
  [32, 8, [1, 2, 1]],
  [38, 28, [1, 2, 1]],
  [42, 18, [1, 1, 3, 1]],
  [26, 10, [1, 6, 1, 12, 1, 1, 1, 1, 1, 1]],
];

/** Messages of calls, each of which needed the output of the one before. */
const CHAINS: [conversation: number, messages: number[]][] = [
  [6, [6, 8]], // the profile, then one of its entries
  [31, [4, 6]],
  [36, [6, 8]],
  [53, [4, 6]],
  [56, [6, 8]],
  [61, [4, 6]],
  [22, [4, 6]], // a reservation, then whose it is
  [72, [4, 6]],
  [12, [12, 14]], // a reservation, then flights between its airports
  [87, [14, 16]],
  [57, [10, 12]], // a calculation with the result of one
  [36, [26, 28, 30]],
  [11, [14, 16]], // the price of a flight that was searched for
  [25, [14, 16, 18, 20]], // payment methods of the profile
  [5, [34, 36]],
];

describe.skipIf(!hasCorpus)("of a hundred recorded conversations,", () => {
  let diagnosis: Diagnosis;

  beforeAll(async () => {
    diagnosis = await diagnoseStream(
      [{ name: "airline", chunks: createReadStream(airlineFile) }],
      { reads: AIRLINE_READS, maxFindings: 1_000 },
    );
  });

  test("the totals and patterns are those that the README shows", () => {
    const { findings, unknownTools, ...totals } = diagnosis;
    expect(findings).toHaveLength(totals.findingCount);
    expect(unknownTools.map(({ name }) => name)).toContain("think");
    expect(totals).toMatchObject({
      conversations: 100,
      calls: 577,
      turns: 577,
      turnsNeeded: 428,
      turnsNeededAtMost: 434,
      findingCount: 50,
    });
    expect(totals.patterns.slice(0, 3)).toEqual([
      {
        text: "get_user_details -> N x get_reservation_details",
        isNPlusOne: true,
        count: 24,
        turnsSaved: 98,
      },
      {
        text: "N x get_reservation_details",
        isNPlusOne: false,
        count: 7,
        turnsSaved: 7,
      },
      {
        text: "get_reservation_details -> N x search_direct_flight",
        isNPlusOne: true,
        count: 7,
        turnsSaved: 7,
      },
    ]);
  });

  test.each(FOUND)(
    "conversation %i, message %i could have had turns of %j calls",
    (conversation, message, couldBe) => {
      const finding = diagnosis.findings.find(
        (one) =>
          one.conversation === conversation && one.messages[0] === message,
      );
      expect(finding?.couldBe.map(({ length }) => length)).toEqual(couldBe);
    },
  );

  test.each(CHAINS)(
    "conversation %i, messages %j are a true chain",
    (conversation, messages) => {
      const recorded = readAirline()[conversation] ?? [];
      for (const place of messages) {
        expect(recorded[place]?.tool_calls).toHaveLength(1);
      }
      const reported = diagnosis.findings.filter(
        (one) =>
          one.conversation === conversation &&
          one.messages.some((place) => messages.includes(place)),
      );
      expect(reported).toEqual([]);
    },
  );

  describe("fifty pairs of calls that were labelled by hand", () => {
    const file = new URL("labelled-pairs.json", import.meta.url);
    const { pairs } = JSON.parse(readFileSync(file, "utf8")) as {
      pairs: (CallPair & { label: "independent" | "dependent" })[];
    };

    test("are those that were drawn", () => {
      const drawn = drawSample(pairsOf(readAirline()), 50);
      expect(
        pairs.map(({ conversation, first, second }) => {
          return { conversation, first, second };
        }),
      ).toEqual(drawn);
    });

    test("are told apart: at least 95% of what is reported is right", () => {
      const reported = pairs.filter((pair) => isReported(pair, diagnosis));
      const right = reported.filter(({ label }) => label === "independent");
      expect(reported.length).toBeGreaterThanOrEqual(20);
      expect(right.length / reported.length).toBeGreaterThanOrEqual(0.95);
    });
  });
});
