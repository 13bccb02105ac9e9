/**
 * Whether references mean what recorded plans mean, and nothing else is taken
 * for one. Of the BUILT package, on corpora that lie outside of the project.
 *
 * NESTFUL's plans name the outputs of earlier calls by labels. Translated to
 * ordinals, each is planned, and has to have the edges that its labels state and
 * no others; then it is run to its end on a node, with tools that return seeded
 * stand-ins of the specified types, some of which look like references
 * themselves, and each tool has to see the arguments with the values in them,
 * their types kept. Plans that are malformed, in the data or by one reference
 * that was broken here, have to answer the call that holds it with an error, to
 * skip those that wait for it, and to run the rest.
 *
 * A label that no call bears becomes an ordinal that no call has, in braces: a
 * bare `$9` in a message of eight is an amount by rule.
 *
 * The calls of BFCL's parallel-multiple are independent by design. Its strings,
 * those of other corpora and what users and tools said are no references, to be
 * read as a whole string and within one, and none of them is refused for being
 * nearly one.
 */
import { type PlannableCall, planBatch } from "parallel-tools-node";
import { readBfcl } from "./support/corpus/bfcl.js";
import { BREAKS, breakPlan } from "./support/corpus/break-plan.js";
import { checkPlan } from "./support/corpus/check-plan.js";
import { Findings } from "./support/corpus/findings.js";
import { textsIn } from "./support/corpus/map-texts.js";
import {
  type Nestful,
  type NestfulItem,
  piecesOf,
  readNestful,
} from "./support/corpus/nestful.js";
import { readParallelQa } from "./support/corpus/parallel-qa.js";
import { recordedArguments } from "./support/corpus/recorded-arguments.js";
import { standInOutputs } from "./support/corpus/stand-in-outputs.js";
import {
  isRefusedAsNearMiss,
  type Reading,
  takesForReference,
} from "./support/corpus/takes-for-reference.js";
import { readTauBench } from "./support/corpus/tau-bench.js";
import {
  type Edit,
  type TranslatedPlan,
  translatePlan,
} from "./support/corpus/translate-plan.js";
import { printTable } from "./support/print-table.js";
import { requireBuiltPackage } from "./support/require-built-package.js";
import { SeededRandom } from "./support/seeded-random.js";

/** They are references: a scan that misses one finds nothing at all. */
const CONTROLS: [text: string, embedded: boolean][] = [
  ["$3", false],
  ["$8.items[0].id", false],
  ["${9}", false],
  ["Order ${1.id} is ready", true],
];

/** They are nearly references: a scan that misses one finds nothing at all. */
const NEAR_MISSES: [text: string, embedded: boolean][] = [
  ["$1.items[-1].id", false],
  ["$3?.id", false],
  ["{{$1.id}}", false],
  ["Order ${1.items[*]} is ready", true],
];

/** A plan and where it comes from. */
interface Entry {
  readonly place: number;
  readonly item: NestfulItem;
  readonly edit?: Edit;
  readonly plan: TranslatedPlan;
}

export async function corpus(): Promise<boolean> {
  requireBuiltPackage();
  const nestful = readNestful();
  const bfcl = readBfcl();
  const tau = readTauBench();
  const questions = readParallelQa().map(({ question }) => question);
  const recorded = recordedArguments(
    "livemcp-sonnet4-even.jsonl",
    "openhands-1.jsonl",
  );
  const findings = new Findings();

  const whole = nestful.items.map((item, place): Entry => {
    return { place, item, plan: translatePlan(item) };
  });
  const isSound = ({ plan }: Entry) => plan.broken.size === 0;
  const sound = whole.filter(isSound);
  const groups: [string, Entry[]][] = [
    ["NESTFUL, whole strings", sound.filter(({ plan }) => !plan.isEmbedded)],
    ["NESTFUL, within a text", sound.filter(({ plan }) => plan.isEmbedded)],
    ["NESTFUL, malformed as it is", whole.filter((entry) => !isSound(entry))],
    ...Object.keys(BREAKS).map((way): [string, Entry[]] => [
      `NESTFUL, one ${way}`,
      brokenOnes(sound, way as keyof typeof BREAKS),
    ]),
  ];
  const rows: string[][] = [];
  for (const [name, entries] of groups) {
    rows.push(await checkEntries(name, entries, nestful, findings));
  }
  rows.push(
    checkIndependent(
      "BFCL, first possible values",
      bfcl.parallelMultiple.map(({ first }) => first),
      findings,
    ),
    checkIndependent(
      "BFCL, all possible values",
      bfcl.parallelMultiple.map(({ all }) => all),
      findings,
    ),
  );
  printTable("corpus: plans", PLAN_COLUMNS, rows);

  const literals: [name: string, texts: readonly string[]][] = [
    [
      "BFCL parallel-multiple, arguments",
      textsIn(
        bfcl.parallelMultiple.map(({ all }) => all.map(({ args }) => args)),
      ),
    ],
    ["BFCL multi-turn, arguments", bfcl.multiTurnTexts],
    ["NESTFUL, arguments", literalsIn(nestful)],
    ["tau-bench, arguments", tau.argumentTexts],
    ["LiveMCPBench, arguments", recorded["livemcp-sonnet4-even.jsonl"]],
    ["OpenHands, arguments", recorded["openhands-1.jsonl"]],
    [
      "BFCL parallel-multiple, questions",
      bfcl.parallelMultiple.map(({ question }) => question),
    ],
    ["NESTFUL, questions", nestful.items.map(({ input }) => input)],
    ["ParallelQA, questions", questions],
    ["tau-bench, all that was said", tau.said],
  ];
  const columns = ["", "texts", "distinct", "whole", "within", "target", ""];
  printTable(
    "corpus: texts that are no references, taken for one",
    columns,
    literals.map(([name, texts]) =>
      scan(name, texts, takesForReference, CONTROLS, findings),
    ),
  );
  printTable("corpus: the same, refused as near misses", columns, [
    scan(
      "near misses, all texts",
      literals.flatMap(([, texts]) => texts),
      isRefusedAsNearMiss,
      NEAR_MISSES,
      findings,
    ),
  ]);
  findings.print();
  return findings.areNone;
}

const PLAN_COLUMNS = [
  "",
  "items",
  "calls",
  "edges",
  "references",
  "arguments seen",
  "errors",
  "skipped",
  "mismatches",
  "target",
  "",
];

function brokenOnes(
  sound: readonly Entry[],
  way: keyof typeof BREAKS,
): Entry[] {
  const random = new SeededRandom(1);
  return sound.flatMap(({ place, item }) => {
    const broken = breakPlan(item, way, random);
    if (broken === undefined) return [];
    return [
      { place, ...broken, plan: translatePlan(broken.item, broken.edit) },
    ];
  });
}

async function checkEntries(
  name: string,
  entries: readonly Entry[],
  { outputs: specs }: Nestful,
  findings: Findings,
): Promise<string[]> {
  const sums = {
    calls: 0,
    edges: 0,
    references: 0,
    seen: 0,
    errors: 0,
    skipped: 0,
  };
  let wrong = 0;
  for (const { place, item, plan } of entries) {
    const outputs = standInOutputs(item, specs, new SeededRandom(place));
    const check = await checkPlan(plan, outputs);
    sums.calls += plan.calls.length;
    sums.edges += check.edges;
    sums.references += plan.references;
    sums.seen += check.argumentsSeen;
    sums.errors += check.errors;
    sums.skipped += check.skipped;
    wrong += check.mismatches.length;
    for (const mismatch of check.mismatches) {
      findings.add(`${name}, item ${place}`, mismatch);
    }
  }
  const verdict = findings.judge(wrong);
  return [
    name,
    ...[entries.length, ...Object.values(sums), wrong].map(String),
    ...verdict,
  ];
}

function checkIndependent(
  name: string,
  messages: readonly (readonly PlannableCall[])[],
  findings: Findings,
): string[] {
  let wrong = 0;
  let count = 0;
  for (const [place, message] of messages.entries()) {
    count += message.length;
    for (const references of [true, { embedded: true }]) {
      for (const call of planBatch(message, { references }).calls) {
        if (call.dependsOn.length === 0 && call.problem === undefined) continue;
        wrong += 1;
        findings.add(
          `${name}, item ${place}`,
          `call ${call.ordinal} ${call.problem?.message ?? "waits for another"}`,
        );
      }
    }
  }
  const verdict = findings.judge(wrong);
  const counts = [messages.length, count, 0, 0].map(String);
  return [name, ...counts, "-", "-", "-", `${wrong}`, ...verdict];
}

function scan(
  name: string,
  texts: readonly string[],
  takes: Reading,
  controls: readonly [text: string, embedded: boolean][],
  findings: Findings,
): string[] {
  for (const [text, embedded] of controls) {
    if (takes(text, embedded)) continue;
    throw new Error(`Expected \`${text}\` to be found in a scan.`);
  }
  const distinct = new Set(texts);
  const taken = [false, true].map((embedded) => {
    const hits = [...distinct].filter((text) => takes(text, embedded));
    for (const hit of hits) {
      findings.add(name, `no reference, and taken: ${hit.slice(0, 200)}`);
    }
    return hits.length;
  });
  const verdict = findings.judge(Math.max(...taken));
  const counts = [texts.length, distinct.size, ...taken].map(String);
  return [name, ...counts, ...verdict];
}

/** Strings in arguments that hold no label. */
function literalsIn({ items }: Nestful): string[] {
  return items
    .flatMap(({ output }) => output)
    .flatMap(({ arguments: args }) => textsIn(args))
    .filter((text) => piecesOf(text).every((piece) => piece === text));
}
