import type { ToolCall } from "@langchain/core/messages/tool";
import { mapTexts, textsIn } from "./map-texts.js";
import { type LabelReference, type NestfulItem, piecesOf } from "./nestful.js";

/** A plan in the library's syntax, and what has to become of it. */
export interface TranslatedPlan {
  readonly calls: readonly ToolCall[];
  /** By call, the indexes of those that it refers to, in order. */
  readonly targets: readonly (readonly number[])[];
  /** Calls with a reference that can't have a value, and when that shows. */
  readonly broken: ReadonlyMap<number, "planned" | "run">;
  /** A reference stands within a longer text. */
  readonly isEmbedded: boolean;
  readonly references: number;
  /**
   * The arguments that the tool of a call is to see, given the outputs of the
   * others.
   */
  argsOf(index: number, outputs: readonly unknown[]): unknown;
}

/** One reference of a plan is to be another. */
export interface Edit {
  /** The place of the reference among all of the plan. */
  readonly nth: number;
  /** 0-based; what the plan doesn't have is out of range. */
  readonly target?: number;
  /** In place of the path that it has. */
  readonly path?: LabelReference["path"];
  readonly broken: "planned" | "run";
}

/** A reference where it stands. */
export interface PlacedReference {
  readonly index: number;
  readonly target: number;
  readonly path: LabelReference["path"];
}

/** Translates labels to ordinals; of a label that two calls bear, the last counts. */
export function translatePlan(item: NestfulItem, edit?: Edit): TranslatedPlan {
  const targets: number[][] = [];
  const broken = new Map<number, "planned" | "run">();
  let references = 0;
  let isEmbedded = false;
  const calls = item.output.map(
    ({ name, arguments: args }, index): ToolCall => {
      const found = new Set<number>();
      const write = (reference: LabelReference, isWhole: boolean) => {
        const edited = edit?.nth === references ? edit : undefined;
        references += 1;
        const target = edited?.target ?? targetOf(item, index, reference.label);
        if (edited !== undefined) broken.set(index, edited.broken);
        if (target < index) found.add(target);
        else broken.set(index, "planned");
        const isMissing = target >= item.output.length;
        isEmbedded ||= !isWhole;
        return writeReference(
          target + 1,
          edited?.path ?? reference.path,
          // A bare `$9` in a message of eight is an amount.
          !isWhole || isMissing,
        );
      };
      const translated = mapTexts(args, (text) => {
        const pieces = piecesOf(text);
        return pieces
          .map((piece) =>
            typeof piece === "string"
              ? piece
              : write(piece, pieces.length === 1),
          )
          .join("");
      });
      targets.push([...found].sort((a, b) => a - b));
      return {
        name,
        args: translated as Record<string, unknown>,
        id: `call_${index}`,
        type: "tool_call",
      };
    },
  );
  return {
    calls,
    targets,
    broken,
    isEmbedded,
    references,
    argsOf: (index, outputs) => substitute(item, index, outputs),
  };
}

/** All references of a plan, in the order in which they are counted. */
export function referencesIn(item: NestfulItem): PlacedReference[] {
  return item.output.flatMap(({ arguments: args }, index) =>
    textsIn(args)
      .flatMap(piecesOf)
      .filter((piece) => typeof piece !== "string")
      .map(({ label, path }) => ({
        index,
        path,
        target: targetOf(item, index, label),
      })),
  );
}

/** The last before `index` that bears the label, or the one that does, or none. */
function targetOf(item: NestfulItem, index: number, label: string): number {
  const bears = (call: { label?: string }) => call.label === label;
  const before = item.output.slice(0, index).findLastIndex(bears);
  if (before >= 0) return before;
  const other = item.output.findIndex(bears);
  return other < 0 ? item.output.length : other;
}

function writeReference(
  ordinal: number,
  path: LabelReference["path"],
  isBraced: boolean,
): string {
  // The library takes a leading `.output` for the output itself.
  const steps = path[0] === "output" ? ["output", ...path] : path;
  const text = steps
    .map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`))
    .join("");
  return isBraced ? `\${${ordinal}${text}}` : `$${ordinal}${text}`;
}

function substitute(
  item: NestfulItem,
  index: number,
  outputs: readonly unknown[],
): unknown {
  const valueOf = ({ label, path }: LabelReference) => {
    let value = outputs[targetOf(item, index, label)];
    for (const step of path) {
      value = (value as Record<string | number, unknown>)[step];
    }
    return value;
  };
  return mapTexts(item.output[index]!.arguments, (text) => {
    const pieces = piecesOf(text);
    const [first] = pieces;
    if (pieces.length === 1 && typeof first === "object") return valueOf(first);
    return pieces
      .map((piece) => {
        if (typeof piece === "string") return piece;
        const value = valueOf(piece);
        return typeof value === "string" ? value : JSON.stringify(value);
      })
      .join("");
  });
}
