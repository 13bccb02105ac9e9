/** A reference, as a widened schema writes it out. */
export const REFERENCE = { type: "string", pattern: "^\\$[1-9{]" } as const;
