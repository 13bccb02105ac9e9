/**
 * What the detector finds in recorded conversations, and how far it is to be
 * trusted. Of the BUILT package, on a corpus that lies outside of the project:
 * a hundred conversations of tau-bench's airline agent, one call per message.
 *
 * Fifty pairs of adjacent calls, with no word of the user between them, were
 * drawn and labelled by hand before there was a detector
 * (`test/diagnose/labelled-pairs.json`). Precision: of the pairs that it reports
 * to need nothing of each other, the share that is labelled so; recall: of the
 * pairs that are labelled so, the share that it reports. Some independent pairs
 * are marked `looked`: the model may have waited to see whether to go on, which
 * no values tell.
 *
 * The second measure is of many more pairs and less like what agents do: plans
 * of NESTFUL carried out with one call per turn, their outputs seeded stand-ins.
 * There the plan's own references tell which pairs need each other. Faults of
 * the detector were found and mended by it, so it is a test and no proof. Some
 * plans end with a call that gathers all outputs, of which an empty one leaves
 * no trace.
 */
import { readFileSync } from "node:fs";
import {
  diagnose as diagnoseOne,
  diagnoseStream,
} from "parallel-tools-node/diagnose";
import { readNestful } from "./support/corpus/nestful.js";
import { readCorpus } from "./support/corpus/read-corpus.js";
import { AIRLINE_READS } from "./support/diagnose/airline-tools.js";
import {
  type CallPair,
  type DrawnMessage,
  drawSample,
  pairsOf,
} from "./support/diagnose/draw-sample.js";
import { isReported } from "./support/diagnose/is-reported.js";
import { carryOut } from "./support/diagnose/nestful-conversations.js";
import { printTable } from "./support/print-table.js";
import { requireBuiltPackage } from "./support/require-built-package.js";
import { Targets } from "./support/targets.js";

const FILE = "tau-bench-airline-gpt4o.json";

interface LabelledPair extends CallPair {
  readonly label: "independent" | "dependent";
  readonly looked?: true;
  readonly reason: string;
}

export async function diagnose(): Promise<boolean> {
  requireBuiltPackage();
  const { [FILE]: text } = readCorpus(FILE);
  const started = process.cpuUsage();
  const diagnosis = await diagnoseStream(
    [{ name: FILE, chunks: inPieces(text) }],
    { reads: AIRLINE_READS, maxFindings: 1_000 },
  );
  const { user, system } = process.cpuUsage(started);
  printTable(
    "diagnose: turns of recorded conversations",
    ["", "turns", "needed", "saved", "if it had to look"],
    [
      [
        `${diagnosis.conversations} conversations, ${diagnosis.calls} calls`,
        `${diagnosis.turns}`,
        `${diagnosis.turnsNeeded}`,
        share(diagnosis.shareSaved),
        share(1 - diagnosis.turnsNeededAtMost / diagnosis.turns),
      ],
    ],
  );
  printTable(
    "diagnose: calls that could have shared a turn",
    ["", "times", "turns"],
    diagnosis.patterns.map(({ text: name, count, turnsSaved }) => [
      name,
      `${count}`,
      `${turnsSaved}`,
    ]),
  );

  const pairs = readLabels(text);
  const targets = new Targets();
  const isRight = ({ label }: LabelledPair) => label === "independent";
  const reported = pairs.filter((pair) => isReported(pair, diagnosis));
  const right = reported.filter(isRight);
  const looked = right.filter((pair) => pair.looked);
  printScores("diagnose: fifty labelled pairs of adjacent calls", targets, {
    reported: reported.length,
    independent: pairs.filter(isRight).length,
    both: right.length,
  });
  console.log(
    `\nOf the ${right.length}, ${looked.length} are marked: the model may have looked first.`,
  );
  for (const pair of pairs) {
    if (isReported(pair, diagnosis) === isRight(pair)) continue;
    const { conversation, first, second, label, reason } = pair;
    console.log(
      `Conversation ${conversation}, messages ${first} and ${second}: labelled ${label}. ${reason}`,
    );
  }
  printScores(
    "diagnose: adjacent calls of NESTFUL's plans, one call per turn",
    targets,
    scoreNestful(),
  );
  const seconds = (user + system) / 1_000_000;
  const megabytes = Buffer.byteLength(text) / 1_000_000;
  console.log(
    `\n${megabytes.toFixed(1)} MB took ${seconds.toFixed(2)} s of processor time.`,
  );
  return targets.allMet;
}

interface Scores {
  /** Pairs that are reported to need nothing of each other. */
  readonly reported: number;
  /** Pairs that don't. */
  readonly independent: number;
  readonly both: number;
}

function printScores(
  title: string,
  targets: Targets,
  { reported, independent, both }: Scores,
): void {
  printTable(
    title,
    ["", "of", "right", "share", "target", ""],
    [
      [
        "precision (reported, independent)",
        `${reported}`,
        `${both}`,
        (both / reported).toFixed(3),
        ...targets.atLeast(0.95, both / reported),
      ],
      [
        "recall (independent, reported)",
        `${independent}`,
        `${both}`,
        (both / independent).toFixed(3),
        "-",
        "-",
      ],
    ],
  );
}

function scoreNestful(): Scores {
  const scores = { reported: 0, independent: 0, both: 0 };
  for (const { messages, targets } of carryOut(readNestful())) {
    const diagnosis = diagnoseOne(messages, {
      defaultPolicy: { readOnly: true },
    });
    for (let index = 1; index < targets.length; index += 1) {
      const needed = new Set(targets[index]);
      // The set grows while it is walked: what is needed needs others.
      for (const one of needed) {
        for (const other of targets[one] ?? []) needed.add(other);
      }
      const isIndependent = !needed.has(index - 1);
      const pair = {
        conversation: 0,
        first: 2 * index - 1,
        second: 2 * index + 1,
      };
      const isFound = isReported(pair, diagnosis);
      if (isFound) scores.reported += 1;
      if (isIndependent) scores.independent += 1;
      if (isFound && isIndependent) scores.both += 1;
    }
  }
  return scores;
}

/** The labels, which have to be those of the pairs that were drawn. */
function readLabels(text: string): LabelledPair[] {
  const file = new URL("../test/diagnose/labelled-pairs.json", import.meta.url);
  const { pairs } = JSON.parse(readFileSync(file, "utf8")) as {
    pairs: LabelledPair[];
  };
  const conversations = (JSON.parse(text) as { traj: DrawnMessage[] }[]).map(
    ({ traj }) => traj,
  );
  const nameOf = ({ conversation, first, second }: CallPair) =>
    `${conversation} ${first} ${second}`;
  const drawn = drawSample(pairsOf(conversations), pairs.length).map(nameOf);
  if (pairs.map(nameOf).join() !== drawn.join()) {
    throw new Error("Expected the labelled pairs to be those that were drawn.");
  }
  return pairs;
}

async function* inPieces(text: string): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += 65_536) {
    yield text.slice(at, at + 65_536);
  }
}

function share(value: number): string {
  return `${(100 * value).toFixed(1)}%`;
}
