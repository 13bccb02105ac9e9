/** All of them together. */
export const SUBAGENTS = 8;
/** Requests of each, one after the other. */
export const TURNS = 20;
export const REQUESTS = SUBAGENTS * TURNS;
const INTERVAL_MS = 4_000;
export const QUOTA = {
  requests: 60,
  tokens: 20_000,
  intervalMs: INTERVAL_MS,
};
export const LATENCY_MS = 30;
/** 1,200 characters and 200 tokens that may come back: 500 tokens. */
export const PROMPT = "x".repeat(1_200);
export const MAX_TOKENS = 200;
export const ROUNDS = 3;
/** All but the first window, then an answer. */
export const BOUND_MS =
  ((REQUESTS * 500) / QUOTA.tokens - 1) * INTERVAL_MS + LATENCY_MS;

/** Who shares the quota. */
export interface Contender {
  readonly name: string;
  /** Of ChatOpenAI. */
  readonly options: {
    readonly maxRetries: number;
    readonly maxConcurrency?: number;
  };
  readonly isOurs?: boolean;
  /** The targets are for it. */
  readonly hasTarget?: boolean;
  /** Of our rates, if not the default. */
  readonly jitterMs?: number;
  /** `false`, as the server counts what it estimated. Else the answers correct it. */
  readonly used?: false;
}

/** What became of all requests. */
export interface Run {
  readonly ms: number;
  /** Answers of 429. */
  readonly refused: number;
  readonly lost: number;
}
