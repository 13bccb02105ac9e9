import axios from "axios";
import got from "got";
import ky from "ky";
import { request as githubRequest } from "@octokit/request";
import { Agent, interceptors, request as undiciRequest } from "undici";
import { thrown, thrownOver } from "./loopback.js";
import { heard, type ThrottleSignal } from "./throttle-signal.js";

const AFTER_3 = { "retry-after": "3" };
const RETRY_AFTER = ["`Retry-After`", 3_000] as const;
const DATE = "Tue, 27 Jan 2026 10:00:00 GMT";
/** Three seconds later, in seconds since 1970. */
export const RESET = String(Date.UTC(2026, 0, 27, 10) / 1_000 + 3);

export const DATED = { date: DATE };

const viaAxios = (url: string) => axios.get(url);
const viaGot = (url: string) => got(url, { retry: { limit: 0 } });
const viaKy = (url: string) => ky.get(url, { retry: 0 });

/** What plain clients of HTTP throw. */
export const HTTP_SIGNALS: readonly ThrottleSignal[] = [
  heard(
    "429",
    "axios",
    () => thrownOver({ status: 429, headers: AFTER_3 }, viaAxios),
    RETRY_AFTER,
  ),
  heard(
    "429",
    "got",
    () => thrownOver({ status: 429, headers: AFTER_3 }, viaGot),
    RETRY_AFTER,
  ),
  heard(
    "429",
    "ky",
    () => thrownOver({ status: 429, headers: AFTER_3 }, viaKy),
    RETRY_AFTER,
  ),
  heard(
    "429",
    "undici",
    () =>
      thrownOver({ status: 429, headers: AFTER_3 }, (url) =>
        undiciRequest(url, {
          dispatcher: new Agent().compose(interceptors.responseError()),
        }),
      ),
    RETRY_AFTER,
  ),
  heard(
    "429, a `Response` thrown or as a cause",
    "fetch",
    () =>
      thrownOver({ status: 429, headers: AFTER_3 }, async (url) => {
        throw new Error("no", { cause: await fetch(url) });
      }),
    RETRY_AFTER,
  ),
  heard(
    "503",
    "axios",
    () => thrownOver({ status: 503, headers: AFTER_3 }, viaAxios),
    RETRY_AFTER,
  ),
  heard("529", "axios", () => thrownOver({ status: 529 }, viaAxios)),
  heard("420", "got", () => thrownOver({ status: 420 }, viaGot)),
  heard("430", "ky", () => thrownOver({ status: 430 }, viaKy)),
  heard("509", "axios", () => thrownOver({ status: 509 }, viaAxios)),
  heard(
    "403 with `Retry-After`",
    "octokit",
    () =>
      thrownOver({ status: 403, headers: AFTER_3 }, (baseUrl) =>
        githubRequest("GET /user", { baseUrl }),
      ),
    RETRY_AFTER,
  ),
  heard(
    "403 with `X-RateLimit-Remaining: 0`",
    "octokit",
    () =>
      thrownOver(
        {
          status: 403,
          headers: {
            ...DATED,
            "x-ratelimit-remaining": "0",
            "x-ratelimit-reset": RESET,
          },
        },
        (baseUrl) => githubRequest("GET /user", { baseUrl }),
      ),
    ["`X-RateLimit-Reset`", 3_000],
  ),
  {
    signal: "403 without a word of limits",
    client: "octokit",
    thrown: () =>
      thrownOver({ status: 403 }, (baseUrl) =>
        githubRequest("GET /user", { baseUrl }),
      ),
    heard: false,
    runsAgain: false,
  },
  heard(
    "`errors` of an `AggregateError`, each as if alone",
    "`Promise.any` of got",
    () =>
      thrownOver([{ status: 500 }, { status: 429, headers: AFTER_3 }], (url) =>
        Promise.any([viaGot(url), viaGot(url)]),
      ),
    ["the error that asks for the longest", 3_000],
  ),
  heard("429 in the text alone, in one of the forms below", "any client", () =>
    thrown(() => Promise.reject(new Error("HTTP 429: Too Many Requests"))),
  ),
  heard(
    "words for it at the front of a text",
    "any client",
    () =>
      thrown(() =>
        Promise.reject(new Error("Rate limit exceeded, retry after 3 seconds")),
      ),
    ["`retry after` or `try again in` of the text", 3_000],
  ),
  {
    signal: "`code: 503` of FTP",
    client: "basic-ftp",
    thrown: () =>
      thrown(() =>
        Promise.reject(
          Object.assign(new Error("503 Bad sequence of commands"), {
            name: "FTPError",
            code: 503,
          }),
        ),
      ),
    heard: false,
    runsAgain: true,
  },
];
