import type { Reply, ScriptedCall } from "../../shared/model-server.js";

/** The calls one by one, and a text at the end. */
export function oneCallPerTurn(
  calls: readonly ScriptedCall[],
  text: string,
): Reply[] {
  return [...calls.map((call) => [call]), text];
}
