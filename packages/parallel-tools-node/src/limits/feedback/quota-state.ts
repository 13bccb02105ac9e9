/** A number of calls per span of time. */
export interface Rate {
  readonly limit: number;
  readonly intervalMs: number;
}

/** What one family of headers says of a quota; at least one field of it. */
export interface QuotaState {
  readonly remaining?: number;
  readonly resetMs?: number;
  readonly rate?: Rate;
}

/** Leaves out what is not known; `undefined` when nothing is. */
export function quotaState(fields: {
  remaining?: number | undefined;
  resetMs?: number | undefined;
  rate?: Rate | undefined;
}): QuotaState | undefined {
  const { remaining, resetMs, rate } = fields;
  if (remaining === undefined && resetMs === undefined && rate === undefined) {
    return undefined;
  }
  return {
    ...(remaining !== undefined && { remaining }),
    ...(resetMs !== undefined && { resetMs }),
    ...(rate !== undefined && { rate }),
  };
}
