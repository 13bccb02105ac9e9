import type { Limiter } from "./limiter.js";

/** A bucket of `burst` tokens, full at first, that gets `limit` per interval. */
export class TokenBucket implements Limiter {
  readonly #burst: number;
  readonly #perMs: number;
  #tokens: number;
  #countedAtMs = -Infinity;

  constructor(limit: number, intervalMs: number, burst: number) {
    this.#burst = burst;
    this.#perMs = limit / intervalMs;
    this.#tokens = burst;
  }

  take(nowMs: number): boolean {
    this.#tokens = this.#tokensAt(nowMs);
    this.#countedAtMs = nowMs;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  waitMs(nowMs: number): number {
    return this.#msUntil(1, nowMs);
  }

  fullMs(nowMs: number): number {
    return this.#msUntil(this.#burst, nowMs);
  }

  #tokensAt(nowMs: number): number {
    const added = (nowMs - this.#countedAtMs) * this.#perMs;
    return Math.min(this.#burst, this.#tokens + added);
  }

  #msUntil(tokens: number, nowMs: number): number {
    return Math.max(0, tokens - this.#tokensAt(nowMs)) / this.#perMs;
  }
}
