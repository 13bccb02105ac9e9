import { readCorpus } from "./read-corpus.js";

/** A question of ParallelQA. */
export interface ParallelQuestion {
  readonly id: string;
  readonly question: string;
  /** A name, or a number as text. */
  readonly answer: string;
  /** How many things it asks about. */
  readonly branch: number;
}

export function readParallelQa(): ParallelQuestion[] {
  const files = readCorpus("parallelqa.json");
  return JSON.parse(files["parallelqa.json"]) as ParallelQuestion[];
}
