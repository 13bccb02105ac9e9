import { expect } from "vitest";
import { readFeedback } from "@/limits/feedback/read-feedback.js";

/** Tue, 27 Jan 2026 10:00:00 GMT. */
const NOW = 1_769_508_000_000;

export type Row = readonly [headers: Record<string, string>, said: object];

/** What headers say on their own; they never make a call a limited one. */
export function said(headers: Record<string, string>): object | undefined {
  const feedback = readFeedback({ headers }, NOW);
  if (feedback === undefined) return undefined;
  const { limited, ...rest } = feedback;
  expect(limited).toBe(false);
  return rest;
}
