import { readCorpus } from "./read-corpus.js";

/** A plan of NESTFUL: calls with labels that later arguments refer to. */
export interface NestfulItem {
  readonly input: string;
  readonly output: readonly NestfulCall[];
}

export interface NestfulCall {
  readonly name: string;
  readonly arguments: Record<string, unknown>;
  readonly label?: string;
}

/** What a tool gives, as far as it is known. */
export interface ParameterSpec {
  readonly type: string;
  readonly items?: {
    readonly type: string;
    readonly properties?: Record<string, ParameterSpec>;
  };
}

type OutputSpec = Readonly<Record<string, ParameterSpec>>;

export interface Nestful {
  readonly items: readonly NestfulItem[];
  /** By the name of the tool. */
  readonly outputs: ReadonlyMap<string, OutputSpec>;
}

/** `$var1.movies[0]$`, as a whole string or in one. */
export interface LabelReference {
  readonly label: string;
  readonly path: readonly (string | number)[];
}

const REFERENCE = /\$(\w+)((?:\.\w+|\[\d+\])*)\$/g;

export function readNestful(): Nestful {
  const files = readCorpus(
    "nestful-glaive-data.json",
    "nestful-glaive-spec.json",
  );
  const specs = JSON.parse(files["nestful-glaive-spec.json"]) as {
    name: string;
    output_parameters?: OutputSpec;
  }[];
  return {
    items: JSON.parse(files["nestful-glaive-data.json"]) as NestfulItem[],
    outputs: new Map(
      specs.map(({ name, output_parameters = {} }) => [
        name,
        output_parameters,
      ]),
    ),
  };
}

/** A string of the data in pieces; one that holds no reference is one piece. */
export function piecesOf(text: string): (string | LabelReference)[] {
  const pieces: (string | LabelReference)[] = [];
  let from = 0;
  for (const match of text.matchAll(REFERENCE)) {
    const [source, label = "", steps = ""] = match;
    if (match.index > from) pieces.push(text.slice(from, match.index));
    from = match.index + source.length;
    const path = [...steps.matchAll(/\.(\w+)|\[(\d+)\]/g)].map(
      ([, name, index]) => name ?? Number(index),
    );
    pieces.push({ label, path });
  }
  if (from < text.length || pieces.length === 0) pieces.push(text.slice(from));
  return pieces;
}
