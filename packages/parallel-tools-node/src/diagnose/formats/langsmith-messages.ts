import { ownField, ownList } from "../own-field.js";

/**
 * The messages that a run of LangSmith tells of: all that a model was given and
 * what it answered, or the state that a graph ended with.
 */
export function messagesOfRun(run: unknown): readonly unknown[] {
  const inputs = ownField(run, "inputs");
  const outputs = ownField(run, "outputs");
  const given = listIn(inputs);
  const got = listIn(outputs);
  if (ownField(run, "run_type") !== "llm") {
    // A graph's state holds what it was given, too.
    return got.length >= given.length ? got : given;
  }
  return [...given, ...(got.length > 0 ? got : answersIn(outputs))];
}

/** Chat models are given lists of lists: one for each prompt. */
function listIn(holder: unknown): readonly unknown[] {
  for (const place of [
    holder,
    ownField(holder, "input"),
    ownField(holder, "output"),
  ]) {
    const list = ownList(place, "messages");
    if (list === undefined) continue;
    return Array.isArray(list[0]) ? (list[0] as unknown[]) : list;
  }
  for (const name of ["input", "output"]) {
    const list = ownList(holder, name);
    if (list !== undefined) return list;
  }
  return [];
}

function answersIn(outputs: unknown): readonly unknown[] {
  const generations = ownList(outputs, "generations")?.[0];
  const generation = Array.isArray(generations)
    ? (generations[0] as unknown)
    : generations;
  const choice = ownList(outputs, "choices")?.[0];
  const found = [
    ownField(generation, "message"),
    ownField(choice, "message"),
    ownField(outputs, "message"),
    ownField(outputs, "output"),
  ].find((value) => typeof value === "object" && value !== null);
  if (found !== undefined) return [found];
  return ownField(outputs, "role") === undefined ? [] : [outputs];
}
