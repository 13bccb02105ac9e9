import {
  type CallDraw,
  leaderOf,
  type ReferenceDraw,
  type World,
} from "./world.js";

/** What the tools of a world give: what they got, as data. */
export function outputText(
  world: World,
  index: number,
  got: readonly unknown[],
  reference: unknown,
  amount: unknown,
): string {
  const { id } = world.calls[leaderOf(world, index)] as CallDraw;
  return JSON.stringify({ call: id, got, reference, amount });
}

/** A reference as the model writes it. */
export function referenceText({ to, path, form }: ReferenceDraw): string {
  switch (form) {
    case "plain":
      return `$${to + 1}${path}`;
    case "braces":
      return `\${${to + 1}${path}}`;
    case "output":
      return `$${to + 1}.output${path}`;
  }
}

/** What a tool of a world says when it fails. */
export function failureText(world: World, index: number): string {
  return `${world.calls[index]?.id} is broken`;
}
