import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import Anthropic from "@anthropic-ai/sdk";
import { generateText } from "ai";
import { request as googleRequest } from "gaxios";
import OpenAI from "openai";
import { type Answer, thrownOver } from "./loopback.js";
import { heard, type ThrottleSignal } from "./throttle-signal.js";

const MESSAGES = [{ role: "user" as const, content: "hi" }];

const viaOpenAi = (baseURL: string) =>
  new OpenAI({ apiKey: "x", baseURL, maxRetries: 0 }).chat.completions.create({
    model: "m",
    messages: MESSAGES,
  });
const viaAnthropic = (baseURL: string) =>
  new Anthropic({ apiKey: "x", baseURL, maxRetries: 0 }).messages.create({
    model: "m",
    max_tokens: 1,
    messages: MESSAGES,
  });
const viaAiSdk = (maxRetries: number) => (baseURL: string) =>
  generateText({
    model: createOpenAICompatible({ name: "x", baseURL })("m"),
    prompt: "hi",
    maxRetries,
  });

const viaGoogle = (url: string) => googleRequest({ url, retry: false });

const AI_SDK_LIMIT: Answer = {
  status: 429,
  headers: { "retry-after": "3" },
  body: { error: { message: "slow down" } },
};

const OVERLOADED: Answer = {
  status: 529,
  body: {
    type: "error",
    error: { type: "overloaded_error", message: "Overloaded" },
  },
};
const USED_UP: Answer = {
  status: 429,
  body: {
    error: {
      message: "no",
      type: "insufficient_quota",
      code: "insufficient_quota",
    },
  },
};

/** What the SDKs of models throw. */
export const MODEL_SIGNALS: readonly ThrottleSignal[] = [
  heard(
    "429",
    "OpenAI",
    () =>
      thrownOver(
        {
          status: 429,
          headers: { "retry-after-ms": "2617", "retry-after": "3" },
          body: { error: { code: "rate_limit_exceeded", message: "slow" } },
        },
        viaOpenAi,
      ),
    ["`retry-after-ms`", 2_617],
  ),
  heard(
    "429",
    "Anthropic",
    () =>
      thrownOver(
        {
          status: 429,
          headers: { "retry-after": "3" },
          body: {
            type: "error",
            error: { type: "rate_limit_error", message: "slow" },
          },
        },
        viaAnthropic,
      ),
    ["`Retry-After`", 3_000],
  ),
  heard("529, `overloaded_error`", "Anthropic", () =>
    thrownOver(OVERLOADED, viaAnthropic),
  ),
  heard(
    "429",
    "AI SDK, `APICallError`",
    () => thrownOver(AI_SDK_LIMIT, viaAiSdk(0)),
    ["`responseHeaders`", 3_000],
  ),
  heard(
    "429",
    "AI SDK, `RetryError`",
    () =>
      thrownOver(
        [{ ...AI_SDK_LIMIT, headers: { "retry-after-ms": "1" } }, AI_SDK_LIMIT],
        viaAiSdk(1),
      ),
    ["`responseHeaders` of `lastError`", 3_000],
  ),
  heard(
    "403, `rateLimitExceeded` or `userRateLimitExceeded`",
    "gaxios (googleapis)",
    () =>
      thrownOver(
        {
          status: 403,
          body: {
            error: {
              code: 403,
              message: "Rate Limit Exceeded",
              errors: [{ domain: "usageLimits", reason: "rateLimitExceeded" }],
            },
          },
        },
        viaGoogle,
      ),
  ),
  heard(
    "429, `RESOURCE_EXHAUSTED`",
    "gaxios (googleapis)",
    () =>
      thrownOver(
        {
          status: 429,
          body: {
            error: {
              code: 429,
              status: "RESOURCE_EXHAUSTED",
              details: [
                {
                  "@type": "type.googleapis.com/google.rpc.RetryInfo",
                  retryDelay: "34s",
                },
              ],
            },
          },
        },
        viaGoogle,
      ),
    ["`RetryInfo.retryDelay`", 34_000],
  ),
  {
    signal: "429, `insufficient_quota`",
    client: "OpenAI",
    thrown: () => thrownOver(USED_UP, viaOpenAi),
    heard: false,
    runsAgain: false,
  },
  {
    signal: "429, `insufficient_quota`",
    client: "AI SDK",
    thrown: () => thrownOver(USED_UP, viaAiSdk(0)),
    heard: false,
    runsAgain: false,
  },
];
