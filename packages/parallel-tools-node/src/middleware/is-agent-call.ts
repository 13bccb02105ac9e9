/**
 * Whether a call of a message is one for which `createAgent` runs a tool. Those
 * that it has made up to get a structured response it answers itself.
 */
export function isAgentCall({ name }: { readonly name: string }): boolean {
  return !name.startsWith("extract-");
}
